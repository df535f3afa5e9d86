// The messages of MobileConnect and Studebaker as their pages show them, in the classes that DataContractSerializer
// writes so: contracts/services/mobileconnect/.../page.txt and contracts/services/studebaker/.../page.txt.
// It writes the members of base classes first, and those of one class by their names.

using System;
using System.Collections.Generic;
using System.Runtime.Serialization;

static class Namespaces
{
    public const string Types = "http://schemas.servicestack.net/types";
    public const string Messages = "http://schemas.datacontract.org/2004/07/Spirit.Server.Common.Message.Sessions";
    public const string Sessions = "http://schemas.datacontract.org/2004/07/Spirit.Server.Common.DomainModel.Sessions";
    public const string Api = "http://schemas.datacontract.org/2004/07/SSIAccountServices.Api";
    public const string Requests = Api + ".Authentication.Requests";
    public const string Responses = Api + ".Authentication.Responses";
}

// MobileConnect

[DataContract(Namespace = Namespaces.Types)]
class ServerBaseRequest
{
    [DataMember] public string DeviceSerialNumber;
    [DataMember] public DateTime GeneratedAt;
    [DataMember] public Guid SessionUid;
}

[DataContract(Namespace = Namespaces.Types)]
class PagedRequest : ServerBaseRequest
{
    [DataMember] public int PageRequestIndex;
    [DataMember] public int RecordsPerPage;
}

[DataContract(Namespace = Namespaces.Messages)]
class UserClientSessionLogRequest : PagedRequest
{
    [DataMember] public string ClientReferUid;
    [DataMember] public bool OpenSessionsOnly;
    [DataMember] public DateTime StartedAfter;
    [DataMember] public DateTime StartedBefore;
    [DataMember] public Guid UserReferUid;
}

[DataContract(Namespace = Namespaces.Types)]
enum Result
{
    [EnumMember] Unknown,
    [EnumMember] Success
}

[DataContract(Namespace = Namespaces.Types)]
enum ErrorCode
{
    [EnumMember] ClientDataSubmissionFailure
}

[DataContract(Namespace = Namespaces.Types)]
class ServerErrorDetails
{
    [DataMember] public List<string> AdditionalMessages;
    [DataMember] public ErrorCode Code;
    [DataMember] public string Description;
}

[DataContract(Namespace = Namespaces.Types)]
class ServerBaseResponse
{
    [DataMember] public DateTime ProcessedAt;
    [DataMember] public Result Result;
    [DataMember] public string Server;
    [DataMember] public ServerErrorDetails ServerErrorDetails;
}

[DataContract(Namespace = Namespaces.Types)]
class PagedResponse : ServerBaseResponse
{
    [DataMember] public int PageIndex;
    [DataMember] public int RecordsPerPage;
    [DataMember] public int TotalPageCount;
}

[DataContract(Namespace = Namespaces.Sessions)]
class UserClientSessionLog
{
    [DataMember] public string ClientReferUid;
    [DataMember] public Guid ReferUid;
    [DataMember] public DateTime SessionEnd;
    [DataMember] public DateTime SessionStart;
    [DataMember] public string User;
    [DataMember] public Guid UserReferUid;
}

[DataContract(Namespace = Namespaces.Messages)]
class UserClientSessionLogResponse : PagedResponse
{
    [DataMember] public List<UserClientSessionLog> LogEntries;
}

// Studebaker

[DataContract(Namespace = Namespaces.Requests)]
class Login
{
    [DataMember] public string Password;
    [DataMember] public string PasswordHash;
    [DataMember] public string RequestIpAddress;
    [DataMember] public string Username;
}

[DataContract(Namespace = Namespaces.Types)]
class ResponseError
{
    [DataMember] public string ErrorCode;
    [DataMember] public string FieldName;
    [DataMember] public string Message;
}

[DataContract(Namespace = Namespaces.Types)]
class ResponseStatus
{
    [DataMember(Order = 1)] public string ErrorCode;
    [DataMember(Order = 2)] public string Message;
    [DataMember(Order = 3)] public string StackTrace;
    [DataMember(Order = 4)] public List<ResponseError> Errors;
}

[DataContract(Namespace = Namespaces.Types)]
class ErrorResponse
{
    [DataMember] public ResponseStatus ResponseStatus;
}

[DataContract(Namespace = Namespaces.Api)]
class BaseResponse
{
    [DataMember] public ResponseStatus ResponseStatus;
}

[DataContract(Namespace = Namespaces.Responses)]
class LoginResponse : BaseResponse
{
    [DataMember] public string EmailAddress;
    [DataMember] public string FormattedLastLogin;
    [DataMember] public DateTime LastLogin;
    [DataMember] public DateTime LastLoginUtc;
    [DataMember] public string LoginToken;
    [DataMember] public string Name;
    [DataMember] public bool NewPasswordRequired;
    [DataMember] public string UpdatePasswordId;
    [DataMember] public string UserId;
    [DataMember] public int UserType;
}
