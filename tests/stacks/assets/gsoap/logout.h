// 3DPartStream's SWServiceLogout for soapcpp2, as its page shows it:
// contracts/services/partstream/SWServiceLogout/page.txt. Names without a prefix have no namespace.
//gsoap ns service name: SWServiceLogout
//gsoap ns service style: document
//gsoap ns service encoding: literal

// Lines 77 to 83; and 109 to 113 or 139 to 145.
struct SOAP_ENV__Header
{
    char *interfacename 0;
    char *sessionid 0;
};

// Lines 87 to 91.
struct interfaceparameters
{
    char *secure 0;
};

// Lines 117 to 121 or 147 to 157. What begins with two underscores is no element of its own: the members are the
// children of the Body.
struct __Response
{
    char *sessionid 0;
    char *returnval 0;
    char *success 0;
    char *faultcode 0;
    char *faultstring 0;
};

int __logout(struct interfaceparameters *interfaceparameters, struct __Response *__response);
