<%@ WebService Language="C#" Class="Utws" %>

using System.Web.Services;

// UTWS as its page shows it: contracts/services/utws/logsAvailable/page.txt. The SOAPAction (line 20) is the
// namespace followed by the operation's name, which is what ASMX makes of these attributes.
[WebService(Namespace = Utws.Namespace, Name = "UTWS")]
public class Utws : WebService
{
    public const string Namespace = "http://smarttech.com/webservices/UsageTracking/UTWS/v1";

    // Lines 25 to 27. The result (lines 63 to 65) is an array, whose items ASMX names after their type:
    // logsAvailableResult holds SessionsToPublish elements directly.
    [WebMethod]
    public SessionsToPublish[] logsAvailable(int apiVersion, SessionInfo[] sessions)
    {
        if (sessions == null) return new SessionsToPublish[0];
        return System.Array.ConvertAll(sessions, SessionsToPublish.For);
    }
}

// Lines 29 to 38.
public class SessionInfo
{
    public int productID;
    public string version;
    public int osPlatform;
    public int osVersion;
    public string servicePack;
    public int osBits;
    public int architecture;
    public string langID;
    public string country;
    public string locale;
}

// Lines 66 to 77: the members of SessionInfo, then two more.
public class SessionsToPublish : SessionInfo
{
    public Publish publish;
    public long publishUntil;

    // The page does not say what publishUntil counts; this value needs all of a long.
    const long Until = 638000000000000000;

    // The same session with leave to publish it; null for a session that was sent as xsi:nil.
    public static SessionsToPublish For(SessionInfo asked)
    {
        if (asked == null) return null;
        return new SessionsToPublish {
            productID = asked.productID,
            version = asked.version,
            osPlatform = asked.osPlatform,
            osVersion = asked.osVersion,
            servicePack = asked.servicePack,
            osBits = asked.osBits,
            architecture = asked.architecture,
            langID = asked.langID,
            country = asked.country,
            locale = asked.locale,
            publish = Publish.Details,
            publishUntil = Until,
        };
    }
}

// Line 76.
public enum Publish { Discard, SummaryOnly, Details }
