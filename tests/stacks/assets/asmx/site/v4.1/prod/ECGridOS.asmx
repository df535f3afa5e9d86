<%@ WebService Language="C#" Class="EcGridOs" %>

using System;
using System.Data;
using System.Web.Services;

// ECGridOS as its page shows it: contracts/services/ecgridos/ReportInstantStats/page.txt. The SOAPAction (line 8)
// is the namespace followed by the operation's name, which is what ASMX makes of these attributes.
[WebService(Namespace = EcGridOs.Namespace, Name = "ECGridOSAPIv4")]
public class EcGridOs : WebService
{
    public const string Namespace = "https://os.ecgrid.io/";

    // The columns are public knowledge, but not on the page, which prints the placeholders "schema" and "xml" (line 9).
    static readonly string[] Columns = {
        "ParcelsIn1", "ParcelsOut1", "InterchangesIn1", "InterchangesOut1",
        "ParcelsIn2", "ParcelsOut2", "InterchangesIn2", "InterchangesOut2",
    };

    // Line 8.
    [WebMethod(Description = "Instant Statistics for the Session Network/Mailbox.")]
    public DataSet ReportInstantStats(string SessionID, short Minutes1, short Minutes2)
    {
        if (SessionID != Environment.GetEnvironmentVariable("ECGRIDOS_SESSION_ID"))
            throw new ArgumentException("Session expired or unknown");
        return OneRow();
    }

    static DataSet OneRow()
    {
        var table = new DataTable("InstantStats");
        foreach (var column in Columns) table.Columns.Add(column, typeof(int));
        table.Rows.Add(0, 1, 2, 3, 4, 5, 6, 7);
        var stats = new DataSet("ReportInstantStats");
        stats.Tables.Add(table);
        stats.AcceptChanges();
        return stats;
    }
}
