// Mono's DataContractSerializer and its reader of SOAP messages behind HttpListener, telling successes and errors as
// ServiceStack does. Usage: mono server.exe PORT; the credentials come from the environment.
//
//   /mobileconnect/soap12             a success is application/soap+xml; what the service throws is a 200 with X-Status
//                                     and an ErrorResponse; what cannot be read is an empty 500
//   /studebaker/xml/reply/Login       and /login: what cannot be read is a 400 with an ErrorResponse

using System;
using System.IO;
using System.Net;
using System.Runtime.Serialization;
using System.ServiceModel;
using System.ServiceModel.Channels;
using System.Text;
using System.Threading;
using System.Xml;

static class Server
{
    static readonly string Device = Environment.GetEnvironmentVariable("MOBILECONNECT_DEVICE");
    static readonly Guid Session = new Guid(Environment.GetEnvironmentVariable("MOBILECONNECT_SESSION"));
    static readonly string User = Environment.GetEnvironmentVariable("STUDEBAKER_USER");
    static readonly string Password = Environment.GetEnvironmentVariable("STUDEBAKER_PASSWORD");
    static readonly MessageVersion Version = MessageVersion.CreateVersion(EnvelopeVersion.Soap12, AddressingVersion.None);
    const string Soap = "application/soap+xml";

    static void Main(string[] arguments)
    {
        var listener = new HttpListener();
        listener.Prefixes.Add("http://127.0.0.1:" + arguments[0] + "/");
        listener.Start();
        while (true)
        {
            var context = listener.GetContext();
            ThreadPool.QueueUserWorkItem(_ => Serve(context));
        }
    }

    static void Serve(HttpListenerContext context)
    {
        try
        {
            Route(context);
        }
        catch (Exception error)
        {
            Console.Error.WriteLine(error);
            try { context.Response.Abort(); } catch (Exception) { }
        }
    }

    static void Route(HttpListenerContext context)
    {
        var path = context.Request.Url.AbsolutePath.ToLowerInvariant().TrimEnd('/');
        if (path == "/ready")
            Send(context, 200, "text/plain", new byte[0]);
        else if (path == "/mobileconnect/soap12")
            MobileConnect(context);
        else if (path == "/studebaker/xml/reply/login" || path == "/studebaker/login" || path == "/studebaker/login.xml")
            Studebaker(context);
        else if (path.StartsWith("/studebaker/xml/reply/"))
            SendError(context, 405, "NotImplementedException", "The operation does not exist.");
        else
            Send(context, 404, "text/plain", new byte[0]);
    }

    // MobileConnect

    static void MobileConnect(HttpListenerContext context)
    {
        if (context.Request.HttpMethod == "GET" || context.Request.HttpMethod == "HEAD")
        {
            Send(context, 200, "text/xml", Encoding.UTF8.GetBytes("<definitions xmlns=\"http://schemas.xmlsoap.org/wsdl/\"/>"));
            return;
        }
        UserClientSessionLogRequest request;
        try
        {
            using (var message = ReadMessage(context.Request.InputStream))
                request = message.GetBody<UserClientSessionLogRequest>(Serializer(typeof(UserClientSessionLogRequest)));
        }
        catch (Exception)
        {
            Send(context, 500, null, new byte[0]);
            return;
        }
        try
        {
            SendMessage(context, SessionLog.Answer(request, Device, Session), null);
        }
        catch (Exception error)
        {
            SendMessage(context, Error(error.GetType().Name, error.Message), "500");
        }
    }

    /// The whole document is read first, as UTF-8 or as its byte order mark says, whatever the label names. A document
    /// type declaration is passed over; references to entities, which .NET's reader hands on unresolved, are refused.
    static Message ReadMessage(Stream stream)
    {
        var document = new XmlDocument { XmlResolver = null };
        using (var reader = new StreamReader(stream))
            document.LoadXml(reader.ReadToEnd());
        if (document.DocumentType != null && (document.DocumentType.InternalSubset ?? "").Contains("<!ENTITY"))
            throw new SerializationException("The message declares entities.");
        return Message.CreateMessage(new XmlNodeReader(document), 1 << 16, Version);
    }

    static void SendMessage(HttpListenerContext context, object body, string status)
    {
        var buffer = new MemoryStream();
        using (var message = Message.CreateMessage(Version, "", body, Serializer(body.GetType())))
        {
            message.Headers.Clear();
            if (status != null)
            {
                message.Headers.Add(MessageHeader.CreateHeader("X-Status", Namespaces.Types, status));
                context.Response.Headers["X-Status"] = status;
            }
            using (var writer = XmlWriter.Create(buffer, new XmlWriterSettings { Encoding = new UTF8Encoding(true) }))
                message.WriteMessage(writer);
        }
        Send(context, 200, Label(context.Request.ContentType, body), buffer.ToArray());
    }

    /// The answer's label repeats the action of the request's, with Response after it.
    static string Label(string asked, object body)
    {
        var at = asked == null ? -1 : asked.IndexOf("action=\"");
        if (at < 0)
            return Soap;
        var action = asked.Substring(at + 8).Split('"')[0];
        return Soap + "; action=\"" + action + "Response\"";
    }

    // Studebaker

    static void Studebaker(HttpListenerContext context)
    {
        var label = context.Request.ContentType ?? "";
        if (label.StartsWith("application/x-www-form-urlencoded") || label.StartsWith("multipart/form-data"))
        {
            SendError(context, 415, "NotSupportedException", "Forms are not read here.");
            return;
        }
        Login request = null;
        var body = new MemoryStream();
        context.Request.InputStream.CopyTo(body);
        try
        {
            if (body.Length > 0)
                request = ReadLogin(body.ToArray());
        }
        catch (Exception error)
        {
            SendError(context, 400, "SerializationException", "Error trying to deserialize the request: " + error.GetType().Name);
            return;
        }
        SendObject(context, 200, Account.Answer(request, User, Password));
    }

    static Login ReadLogin(byte[] body)
    {
        var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit };
        using (var reader = XmlDictionaryReader.CreateDictionaryReader(XmlReader.Create(new MemoryStream(body), settings)))
        {
            var request = (Login)Serializer(typeof(Login)).ReadObject(reader, true);
            while (reader.Read()) { }  // what follows the document element is read too
            return request;
        }
    }

    static ErrorResponse Error(string code, string message)
    {
        return new ErrorResponse { ResponseStatus = new ResponseStatus { ErrorCode = code, Message = message } };
    }

    static void SendError(HttpListenerContext context, int status, string code, string message)
    {
        SendObject(context, status, Error(code, message));
    }

    static void SendObject(HttpListenerContext context, int status, object content)
    {
        var buffer = new MemoryStream();
        using (var writer = XmlWriter.Create(buffer, new XmlWriterSettings { Encoding = new UTF8Encoding(false) }))
            Serializer(content.GetType()).WriteObject(writer, content);
        Send(context, status, "application/xml", buffer.ToArray());
    }

    // Both

    static DataContractSerializer Serializer(Type type)
    {
        return new DataContractSerializer(type);
    }

    static void Send(HttpListenerContext context, int status, string label, byte[] body)
    {
        var response = context.Response;
        response.StatusCode = status;
        if (label != null)
            response.ContentType = label;
        response.ContentLength64 = body.Length;
        if (context.Request.HttpMethod != "HEAD")
            response.OutputStream.Write(body, 0, body.Length);
        response.Close();
    }
}
