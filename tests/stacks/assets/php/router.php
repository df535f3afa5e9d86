<?php
declare(strict_types=1);

/*
 * 3DPartStream's SWServiceLogout on PHP's own SoapServer, as its page shows it:
 * contracts/services/partstream/SWServiceLogout/page.txt. SoapServer reads and writes every envelope; this file
 * only knows sessions. GET /session opens one and prints its id; any other path is the service.
 */

/** Sessions as empty files, so that every worker process sees them and exactly one of them can end each. */
final class Sessions
{
    public function __construct(private string $directory)
    {
    }

    public function open(): string
    {
        $id = bin2hex(random_bytes(16));
        touch("$this->directory/$id");
        return $id;
    }

    /** True for a session that was open; ending it twice is false. */
    public function end(string $id): bool
    {
        return preg_match('/^[0-9a-f]{32}$/D', $id) === 1 && @unlink("$this->directory/$id");
    }
}

/** SoapServer calls the method named after each header entry (lines 77 to 83) and after the Body's child (line 87). */
final class SWServiceLogout
{
    private string $session = '';

    public function __construct(private Sessions $sessions, private SoapServer $server)
    {
    }

    /** Documented, hence understood; which interface is called shows in the Body. */
    public function interfacename(mixed $name): void
    {
    }

    public function sessionid(mixed $id): void
    {
        $this->session = is_string($id) ? $id : '';
    }

    /** The children of the response's Body: lines 117 to 121, or 147 to 157 for a session that is not open. */
    public function interfaceparameters(mixed $parameters): array
    {
        // The responses name SWServiceLogin, a slip of the page that is documented all the same (lines 111 and 141).
        $this->addHeader('interfacename', 'SWServiceLogin');
        if ($this->sessions->end($this->session)) {
            return $this->answer('Session closed', 'Logout succeeded');
        }
        $this->addHeader('sessionid', $this->session);
        return $this->answer('', 'Logout failed') + [
            'faultcode' => '1001',
            'faultstring' => 'Unknown or expired session',
        ];
    }

    private function answer(string $returnval, string $success): array
    {
        return ['sessionid' => $this->session, 'returnval' => $returnval, 'success' => $success];
    }

    /** The constructor of SoapHeader insists on a namespace; the documented entries have none. */
    private function addHeader(string $name, string $value): void
    {
        $header = new SoapHeader('urn:none', $name, $value);
        unset($header->namespace);
        $this->server->addSoapHeader($header);
    }
}

$sessions = new Sessions(getenv('PARTSTREAM_SESSIONS'));
if ($_SERVER['SCRIPT_NAME'] === '/session') {
    header('Content-Type: text/plain');
    echo $sessions->open();
    return;
}
$server = new SoapServer(__DIR__ . '/SWServiceLogout.wsdl', ['cache_wsdl' => WSDL_CACHE_NONE]);
$server->setObject(new SWServiceLogout($sessions, $server));
$server->handle();
