package faults

import (
	"io"
	"net"
	"os"
	"sync"
	"testing"
	"time"
)

// databaseProxy stands between the application and the Postgres server, so
// that the database can go away without stopping the server.
type databaseProxy struct {
	address string
	target  string

	mu       sync.Mutex
	listener net.Listener
	conns    []net.Conn
	silent   bool // nothing that arrives is passed on
	delay    time.Duration
}

// newDatabaseProxy returns a proxy of the Postgres server. Nobody can connect
// until it is opened.
func newDatabaseProxy(t *testing.T) *databaseProxy {
	t.Helper()
	target := os.Getenv("ENCORE_SQLDB_HOST")
	if _, _, err := net.SplitHostPort(target); err != nil {
		t.Fatalf("set ENCORE_SQLDB_HOST to the host and port of a Postgres server (it is %q), and ENCORE_SQLDB_USER and ENCORE_SQLDB_PASSWORD", target)
	}
	return newProxyOf(t, target)
}

// newProxyOf returns a proxy of the Postgres server at the address. Nobody can
// connect until it is opened.
func newProxyOf(t *testing.T, target string) *databaseProxy {
	t.Helper()
	p := &databaseProxy{address: freeAddress(t), target: target}
	t.Cleanup(p.close)
	return p
}

func (p *databaseProxy) open(t *testing.T) {
	t.Helper()
	listener, err := net.Listen("tcp", p.address)
	if err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.listener, p.silent = listener, false
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return // closed
			}
			go p.serve(client)
		}
	}()
}

func (p *databaseProxy) serve(client net.Conn) {
	server, err := net.Dial("tcp", p.target)
	if err != nil {
		client.Close()
		return
	}
	p.mu.Lock()
	p.conns = append(p.conns, client, server)
	p.mu.Unlock()
	go p.pass(server, client)
	p.pass(client, server)
}

func (p *databaseProxy) pass(to, from net.Conn) {
	defer to.Close()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		p.mu.Lock()
		silent, delay := p.silent, p.delay
		p.mu.Unlock()
		time.Sleep(delay)
		if silent {
			_, _ = io.Copy(io.Discard, from) // until it is closed
			return
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// slow makes what arrives take longer.
func (p *databaseProxy) slow(delay time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = delay
}

// silence keeps connections, old and new ones, without an answer.
func (p *databaseProxy) silence() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.silent = true
}

// cut ends the oldest connection there is.
func (p *databaseProxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.conns) > 0 {
		p.conns[0].Close() // the other end follows
		p.conns = p.conns[2:]
	}
}

// close ends all connections and refuses new ones.
func (p *databaseProxy) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener != nil {
		p.listener.Close()
	}
	for _, conn := range p.conns {
		conn.Close()
	}
	p.listener, p.conns = nil, nil
}
