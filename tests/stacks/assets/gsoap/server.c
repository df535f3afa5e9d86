/* What stands behind the server that soapcpp2 makes of logout.h: gSOAP reads and writes every envelope, this file only
 * knows sessions, which are empty files in a folder. Usage: server PORT FOLDER. GET /session opens one and prints its
 * id; every connection has a process of its own. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "soapH.h"
#include "soap.nsmap"

enum { PATIENCE = 2 }; /* seconds that gSOAP waits for the rest of a request before it hangs up without an answer */

static const char *folder;

static int end_session(const char *id)
{
    char path[4096];
    if (!id || strlen(id) != 32 || strspn(id, "0123456789abcdef") != 32)
        return 0;
    snprintf(path, sizeof path, "%s/%s", folder, id);
    return unlink(path) == 0;
}

int __logout(struct soap *soap, struct interfaceparameters *request, struct __Response *response)
{
    char *id = soap->header && soap->header->sessionid ? soap->header->sessionid : "";
    int ended = end_session(id);
    (void)request;
    soap->header = soap_new_SOAP_ENV__Header(soap, -1);
    /* The responses name SWServiceLogin, a slip of the page that is documented all the same (lines 111 and 141). */
    soap->header->interfacename = "SWServiceLogin";
    soap->header->sessionid = ended ? NULL : id;
    response->sessionid = id;
    response->returnval = ended ? "Session closed" : "";
    response->success = ended ? "Logout succeeded" : "Logout failed";
    response->faultcode = ended ? NULL : "1001";
    response->faultstring = ended ? NULL : "Unknown or expired session";
    return SOAP_OK;
}

/* Replaces gSOAP's answer to a GET, which is a fault, for one path. */
static int open_session(struct soap *soap)
{
    unsigned char random[16];
    char id[33], path[4096];
    FILE *file;
    if (strcmp(soap->path, "/session"))
        return SOAP_GET_METHOD;
    if (!(file = fopen("/dev/urandom", "rb")) || fread(random, sizeof random, 1, file) != 1 || fclose(file))
        return 500;
    for (size_t i = 0; i < sizeof random; i++)
        snprintf(id + 2 * i, 3, "%02x", random[i]);
    snprintf(path, sizeof path, "%s/%s", folder, id);
    if (!(file = fopen(path, "w")) || fclose(file))
        return 500;
    soap->http_content = "text/plain";
    if (soap_response(soap, SOAP_FILE) || soap_send(soap, id))
        return soap->error;
    return soap_end_send(soap);
}

static void serve_connection(struct soap *soap)
{
    soap_serve(soap);
    soap_destroy(soap);
    soap_end(soap);
    soap_done(soap);
}

int main(int argc, char **argv)
{
    struct soap soap;
    if (argc != 3)
        return 2;
    folder = argv[2];
    signal(SIGCHLD, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    soap_init1(&soap, SOAP_C_UTFSTRING); /* by default gSOAP cuts what it reads to eight bits a character */
    soap.bind_flags = SO_REUSEADDR;
    soap.send_timeout = soap.recv_timeout = PATIENCE;
    soap.fget = open_session;
    if (!soap_valid_socket(soap_bind(&soap, "127.0.0.1", atoi(argv[1]), 100))) {
        soap_print_fault(&soap, stderr);
        return 1;
    }
    while (soap_valid_socket(soap_accept(&soap))) {
        if (fork() == 0) {
            serve_connection(&soap);
            return 0;
        }
        soap_force_closesock(&soap);
    }
    soap_print_fault(&soap, stderr);
    return 1;
}
