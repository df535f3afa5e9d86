<%@ WebService Language="C#" Class="Variety" %>

using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Data;
using System.Web.Services;
using System.Web.Services.Description;
using System.Web.Services.Protocols;
using System.Xml;
using System.Xml.Schema;
using System.Xml.Serialization;

// Operations of every shape that ASMX can give a message. Most send back what they were sent, so that any valid
// request has a valid answer.
[WebService(Namespace = Variety.Namespace, Name = "Variety", Description = "Operations of every shape.")]
[WebServiceBinding(ConformsTo = WsiProfiles.None)]
public class Variety : WebService
{
    public const string Namespace = "http://variety.example/service/";
    public const string Elsewhere = "http://variety.example/types";

    // Simple parameters: over HTTP GET and HTTP POST too.

    [WebMethod(Description = "Answers that the service is there.")]
    public string Ping() { return "pong"; }

    [WebMethod]
    public void Touch() { }

    [WebMethod]
    public bool EchoBoolean(bool flag) { return flag; }

    [WebMethod]
    public short EchoShort(short number) { return number; }

    [WebMethod]
    public int EchoInt(int number) { return number; }

    [WebMethod]
    public long EchoLong(long number) { return number; }

    [WebMethod]
    public float EchoFloat(float number) { return number; }

    [WebMethod]
    public double EchoDouble(double number) { return number; }

    [WebMethod]
    public decimal EchoDecimal(decimal number) { return number; }

    [WebMethod]
    public byte EchoUnsignedByte(byte number) { return number; }

    [WebMethod]
    public sbyte EchoByte(sbyte number) { return number; }

    [WebMethod]
    public char EchoChar(char letter) { return letter; }

    [WebMethod]
    public Guid EchoGuid(Guid id) { return id; }

    [WebMethod]
    public DateTime EchoDateTime(DateTime moment) { return moment; }

    [WebMethod]
    public string EchoString(string text) { return text; }

    [WebMethod]
    public Colour EchoColour(Colour colour) { return colour; }

    [WebMethod]
    public string Describe(int first, short second, string third, bool fourth) { return third; }

    [WebMethod]
    public string[] Repeat(string text, bool twice)
    {
        return twice ? new[] { text, text } : new[] { text };
    }

    // Two methods of one name, told apart by the name of their messages.
    [WebMethod]
    public string Greet(string name) { return "Hello " + name; }

    [WebMethod(MessageName = "GreetFormally")]
    public string Greet(string title, string name) { return "Dear " + title + " " + name; }

    // Binary data, nullable values, enumerations.

    [WebMethod]
    public byte[] EchoBinary(byte[] data) { return data; }

    [WebMethod]
    public Optional EchoOptional(int? number, DateTime? moment, bool? flag, Colour? colour, Optional rest)
    {
        return rest;
    }

    [WebMethod]
    public Permissions EchoPermissions(Permissions permissions) { return permissions; }

    // Structures.

    [WebMethod]
    public Unsigned EchoUnsigned(Unsigned numbers) { return numbers; }

    [WebMethod]
    public Order EchoOrder(Order order) { return order; }

    [WebMethod]
    public List<Order> EchoOrders(List<Order> orders) { return orders; }

    [WebMethod]
    public int[] EchoInts(int[] numbers) { return numbers; }

    [WebMethod]
    public string[] EchoStrings(string[] texts) { return texts; }

    [WebMethod]
    public int[][] EchoMatrix(int[][] rows) { return rows; }

    [WebMethod]
    [return: XmlElement("line")]
    public string[] EchoLines([XmlElement("line")] string[] lines) { return lines; }

    [WebMethod]
    [return: XmlArray("items"), XmlArrayItem("item")]
    public Guid[] EchoNamed([XmlArray("items"), XmlArrayItem("item")] Guid[] guids) { return guids; }

    [WebMethod]
    public Product EchoProduct(Product product) { return product; }

    [WebMethod]
    public Shape EchoShape(Shape shape) { return shape; }

    [WebMethod]
    public Node EchoNode(Node node) { return node; }

    [WebMethod]
    public Foreign EchoForeign(Foreign foreign) { return foreign; }

    [WebMethod]
    public Calendar EchoCalendar(Calendar calendar) { return calendar; }

    [WebMethod]
    public Contact EchoContact(Contact contact) { return contact; }

    [WebMethod]
    public Unqualified EchoUnqualified(Unqualified unqualified) { return unqualified; }

    [WebMethod]
    public Defaults EchoDefaults(Defaults defaults) { return defaults; }

    [WebMethod]
    public Deep EchoDeep(Deep deep) { return deep; }

    // Content that no schema describes.

    [WebMethod]
    public DataSet GetTable(int rows)
    {
        var table = new DataTable("Row");
        table.Columns.Add("Number", typeof(int));
        table.Columns.Add("Name", typeof(string));
        for (var row = 0; row < Math.Min(Math.Max(rows, 0), 3); row++) table.Rows.Add(row, "row " + row);
        var set = new DataSet("Table");
        set.Tables.Add(table);
        set.AcceptChanges();
        return set;
    }

    [WebMethod]
    public XmlNode EchoXml(XmlNode xml) { return xml; }

    [WebMethod]
    public object EchoAnything(object anything) { return anything; }

    // Several values back, none, and no answer at all.

    [WebMethod]
    public bool Split(string text, out string head, out string tail)
    {
        head = text; tail = text;
        return true;
    }

    [WebMethod]
    public void Swap(ref int first, ref string second) { }

    [WebMethod]
    [SoapDocumentMethod(OneWay = true)]
    public void Notify(string text) { }

    [WebMethod]
    [SoapDocumentMethod(ParameterStyle = SoapParameterStyle.Bare)]
    [return: XmlElement("Bare")]
    public Unsigned EchoBare([XmlElement("BareRequest")] Unsigned bare) { return bare; }

    // Header blocks: one that requests need, one that may be left out, one that only answers have.

    public Ticket ticket;
    public Trace trace;
    public Receipt receipt;

    [WebMethod]
    [SoapHeader("ticket")]
    [SoapHeader("trace", Direction = SoapHeaderDirection.InOut)]
    [SoapHeader("receipt", Direction = SoapHeaderDirection.Out)]
    public string EchoHeaders(string text)
    {
        if (ticket != null) ticket.DidUnderstand = true;
        if (trace != null) trace.DidUnderstand = true;
        receipt = new Receipt { number = 1 };
        return text;
    }
}

public class Ticket : SoapHeader { public string user; public Guid key; }

public class Trace : SoapHeader { public int hop; }

public class Receipt : SoapHeader { public long number; }

public enum Colour { Red, Green, [XmlEnum("Dark blue")] DarkBlue }

[Flags]
public enum Permissions { Read = 1, Write = 2, Execute = 4 }

public class Optional
{
    public int? number;
    public double? ratio;
    [XmlElement(IsNullable = true)] public string text;
    public Guid? id;
}

public class Unsigned
{
    public byte tiny;
    public ushort small;
    public uint medium;
    public ulong large;
    public sbyte signed;
}

public class Order
{
    public int number;
    public string customer;
    public DateTime placed;
    public Address address;
    public Item[] items;
    public Colour colour;
}

public class Address { public string street; public string town; }

public class Item { public string name; public decimal price; public double weight; public string[] notes; }

public class Product
{
    [XmlAttribute] public string code;
    [XmlAttribute] public int stock;
    [XmlAttribute] public Colour colour;
    public Price price;
    public string name;
}

public class Price
{
    [XmlAttribute] public string currency;
    [XmlText] public decimal amount;
}

[XmlInclude(typeof(Circle)), XmlInclude(typeof(Square))]
public class Shape { public string name; }

public class Circle : Shape { public double radius; }

public class Square : Shape { public double side; public Shape inner; }

public class Node { public string label; public Node[] children; public Node next; }

[XmlType(Namespace = Variety.Elsewhere)]
public class Foreign
{
    public string here;
    [XmlElement(Namespace = "http://variety.example/more")] public Distant distant;
}

[XmlType(Namespace = "http://variety.example/more")]
public class Distant { public int there; public Foreign[] back; }

public class Calendar
{
    [XmlElement(DataType = "date")] public DateTime day;
    [XmlElement(DataType = "time")] public DateTime hour;
    [XmlElement(DataType = "duration")] public string length;
    [XmlElement(DataType = "gYear")] public string year;
    [XmlElement(DataType = "anyURI")] public string link;
    [XmlElement(DataType = "hexBinary")] public byte[] colour;
    [XmlElement(DataType = "language")] public string language;
    [XmlElement(DataType = "token")] public string token;
    [XmlElement(DataType = "NMTOKEN")] public string word;
    [XmlElement(DataType = "positiveInteger")] public string count;
    public XmlQualifiedName name;
}

public class Contact
{
    [XmlElement("phone", typeof(string)), XmlElement("pager", typeof(int)), XmlElement("address", typeof(Address))]
    public object way;
    public string name;
}

public class Unqualified
{
    [XmlElement(Form = XmlSchemaForm.Unqualified)] public string inside;
    [XmlElement(Form = XmlSchemaForm.Unqualified)] public Address address;
}

public class Defaults
{
    [DefaultValue(5)] public int number = 5;
    [DefaultValue("none")] public string text = "none";
    [XmlIgnore] public bool countSpecified;
    public int count;
}

public class Deep { public string name; public Deeper deeper; }

public class Deeper { public string name; public Deepest[] deepest; }

public class Deepest { public string name; public Address address; public int[] numbers; }
