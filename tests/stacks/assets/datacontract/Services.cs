// What the two services do with a message: a log of sessions with filters and pages, and a login.

using System;
using System.Collections.Generic;
using System.Linq;

static class SessionLog
{
    const int DefaultPage = 20;
    static readonly Guid[] Users = { new Guid("9c1d7f04-31f5-4d7e-9a43-0d6a0a6f4b01"), new Guid("9c1d7f04-31f5-4d7e-9a43-0d6a0a6f4b02") };
    static readonly List<UserClientSessionLog> Log = Enumerable.Range(0, 40).Select(Entry).ToList();

    static UserClientSessionLog Entry(int place)
    {
        var start = new DateTime(2020, 1, 6, 7, 30, 0, DateTimeKind.Utc).AddDays(31 * place).AddMinutes(7 * place);
        return new UserClientSessionLog
        {
            ClientReferUid = "CLIENT-" + place % 3,
            ReferUid = new Guid(place + 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11),
            SessionEnd = place % 5 == 4 ? default(DateTime) : start.AddMinutes(45),
            SessionStart = start,
            User = place % 2 == 0 ? "Anna Berg" : "Žofie Nováková",
            UserReferUid = Users[place % 2]
        };
    }

    /// Throws for a device or a session that is unknown, as a service does: the stack tells it.
    public static UserClientSessionLogResponse Answer(UserClientSessionLogRequest request, string device, Guid session)
    {
        if (request.DeviceSerialNumber != device || request.SessionUid != session)
            throw new UnauthorizedAccessException("The device or the session is unknown.");
        if (request.PageRequestIndex < 0 || request.RecordsPerPage < 0)
            throw new ArgumentException("A page can be neither before the first nor smaller than one record.");
        var wanted = Log.Where(entry => IsWanted(entry, request)).ToList();
        var size = request.RecordsPerPage == 0 ? DefaultPage : request.RecordsPerPage;
        var skipped = Math.Min((long)request.PageRequestIndex * size, wanted.Count);
        return new UserClientSessionLogResponse
        {
            ProcessedAt = DateTime.UtcNow,
            Result = Result.Success,
            Server = "MobileConnect",
            PageIndex = request.PageRequestIndex,
            RecordsPerPage = size,
            TotalPageCount = (int)((wanted.Count + (long)size - 1) / size),
            LogEntries = wanted.Skip((int)skipped).Take(size).ToList()
        };
    }

    static bool IsWanted(UserClientSessionLog entry, UserClientSessionLogRequest request)
    {
        var start = entry.SessionStart.ToUniversalTime();
        return (string.IsNullOrEmpty(request.ClientReferUid) || entry.ClientReferUid == request.ClientReferUid)
            && (request.UserReferUid == Guid.Empty || entry.UserReferUid == request.UserReferUid)
            && (!request.OpenSessionsOnly || entry.SessionEnd == default(DateTime))
            && (request.StartedAfter == default(DateTime) || start > Instant(request.StartedAfter))
            && (request.StartedBefore == default(DateTime) || start < Instant(request.StartedBefore));
    }

    /// A date-time without an offset is UTC; one with an offset was read as local time.
    static DateTime Instant(DateTime read)
    {
        return read.Kind == DateTimeKind.Unspecified ? DateTime.SpecifyKind(read, DateTimeKind.Utc) : read.ToUniversalTime();
    }
}

static class Account
{
    /// A response whose members are nil or default for a user name or password that is wrong.
    public static LoginResponse Answer(Login request, string user, string password)
    {
        if (request == null || request.Username != user || request.Password != password)
            return new LoginResponse();
        return new LoginResponse
        {
            EmailAddress = "reader@example.com",
            FormattedLastLogin = "6 January 2026",
            LastLogin = new DateTime(2026, 1, 6, 7, 30, 0),
            LastLoginUtc = new DateTime(2026, 1, 6, 13, 30, 0, DateTimeKind.Utc),
            LoginToken = Guid.NewGuid().ToString("N"),
            Name = "Example Reader",
            UserId = "1001",
            UserType = 2
        };
    }
}
