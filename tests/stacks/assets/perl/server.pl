#!/usr/bin/perl
# 3DPartStream's SWServiceLogout on SOAP::Lite, as its page shows it:
# contracts/services/partstream/SWServiceLogout/page.txt. SOAP::Lite reads and writes every envelope; this file only
# knows sessions. Usage: server.pl PORT SESSIONS_PORT FOLDER. Any GET of the second port opens a session, an empty
# file in the folder, and prints its id.
use strict;
use warnings;

# SOAP::Lite wraps every response in an element; the documented one has none (lines 115 to 123).
package Unwrapped;
use SOAP::Lite;
our @ISA = 'SOAP::Serializer';

sub envelope {
    my ($self, $type, @parameters) = @_;
    return $self->SUPER::envelope($type, @parameters) if $type ne 'response';
    my ($name, @results) = @parameters;
    return $self->SUPER::envelope(freeform => @results);
}

# SOAP::Lite calls the method of main that is named after the Body's child, if that has no namespace (line 87).
package main;
use HTTP::Daemon;
use HTTP::Response;
use SOAP::Transport::HTTP;
our @ISA = 'SOAP::Server::Parameters';    # which is how a method asks for the whole request

use constant WORKERS => 8;                # each serves one connection at a time, kept alive or not
my ($port, $sessions_port, $folder) = @ARGV;

sub interfaceparameters {
    my $request = pop;
    my $session = $request->headerof('//Header/sessionid');
    my $id = $session ? $session->value // '' : '';

    # The responses name SWServiceLogin, a slip of the page that is documented all the same (lines 111 and 141).
    my $interface = header(interfacename => 'SWServiceLogin');
    return ($interface, answer($id, 'Session closed', 'Logout succeeded')) if end_session($id);
    return (
        $interface, header(sessionid => $id), answer($id, '', 'Logout failed'),
        body(faultcode => '1001'), body(faultstring => 'Unknown or expired session'),
    );
}

sub answer {
    my ($id, $returnval, $success) = @_;
    return body(sessionid => $id), body(returnval => $returnval), body(success => $success);
}

sub header { return untyped(SOAP::Header->new, @_) }
sub body   { return untyped(SOAP::Data->new, @_) }

# The documented elements have no xsi:type. SOAP::Lite writes what has no type as it stands, its own fault strings too.
sub untyped {
    my ($data, $name, $text) = @_;
    return $data->name($name)->value(SOAP::Utils::encode_data($text))->type('');
}

sub end_session {
    my ($id) = @_;
    return $id =~ /\A[0-9a-f]{32}\z/ && unlink "$folder/$id";
}

sub open_session {
    my $id = join '', map { sprintf '%08x', rand 2**32 } 1 .. 4;
    open my $file, '>', "$folder/$id" or die "$folder/$id: $!";
    return $id;
}

sub serve_sessions {
    my $daemon = HTTP::Daemon->new(LocalAddr => '127.0.0.1', LocalPort => $sessions_port, ReuseAddr => 1) or die $@;
    while (my $connection = $daemon->accept) {
        $connection->send_response(HTTP::Response->new(200, 'OK', undef, open_session())) if $connection->get_request;
        $connection->close;
    }
    exit;
}

my $server = SOAP::Transport::HTTP::Daemon->new(LocalAddr => '127.0.0.1', LocalPort => $port, ReuseAddr => 1)
    ->serializer(Unwrapped->new)->dispatch_to('interfaceparameters');
fork // die or serve_sessions();
for (2 .. WORKERS) { last if !(fork // die) }
$server->handle;
