<%@ WebService Language="C#" Class="Stock" %>

using System;
using System.Collections.Generic;
using System.Web.Services;

// A service such as vendors write: it answers whatever valid message it is sent, and keeps nothing.
[WebService(Namespace = Stock.Namespace, Name = "Stock", Description = "What a warehouse holds.")]
public class Stock : WebService
{
    public const string Namespace = "http://stock.example/2009/inventory";

    [WebMethod(Description = "Whether the service is there.")]
    public string Ping() { return "pong"; }

    [WebMethod(Description = "One article by its number.")]
    public Article GetArticle(int number) { return Article.Numbered(number); }

    [WebMethod(Description = "Articles in a range of prices.")]
    public Article[] FindArticles(decimal atLeast, decimal atMost, bool onlyInStock, short limit)
    {
        var found = new List<Article>();
        for (var number = 1; number <= Math.Min((int)limit, 3); number++) found.Add(Article.Numbered(number));
        return found.ToArray();
    }

    [WebMethod(Description = "Takes up articles, and says under which numbers.")]
    public int[] AddArticles(Article[] articles, Guid batch)
    {
        var numbers = new List<int>();
        foreach (var article in articles ?? new Article[0]) numbers.Add(article == null ? 0 : article.number);
        return numbers.ToArray();
    }

    [WebMethod(Description = "Sets some of an article aside.")]
    public Reservation Reserve(Reservation reservation) { return reservation; }

    [WebMethod(Description = "Notes that an article was counted.")]
    public void Count(int number, long pieces) { }
}

public enum State { Ordered, InStock, SoldOut }

public class Article
{
    public int number;
    public string name;
    public decimal price;
    public double weight;
    public DateTime added;
    public State state;
    public string[] tags;

    public static Article Numbered(int number)
    {
        return new Article {
            number = number, name = "Article " + number, price = 9.95m, weight = 0.25, state = State.InStock,
            added = new DateTime(2009, 5, 4, 3, 2, 1, DateTimeKind.Utc), tags = new[] { "red", "small" },
        };
    }
}

public class Reservation
{
    public Guid id;
    public int number;
    public byte pieces;
    public bool urgent;
    public float discount;
    public State state;
    public Customer customer;
}

public class Customer { public string name; public string town; public byte[] photo; }
