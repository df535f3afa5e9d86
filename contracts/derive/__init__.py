"""Contracts derived from documentation: pages or WSDL and rulings in, bindings, XSDs and requirements out."""
