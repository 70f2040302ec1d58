package faults

import (
	"io"
	"net"
	"os"
	"sync"
	"testing"
	"time"
)

// databaseProxy is a TCP proxy in front of Postgres. It makes the database fail
// without stopping the server.
type databaseProxy struct {
	address string
	target  string

	mu       sync.Mutex
	listener net.Listener
	conns    []net.Conn
	hanging  bool // drop what arrives, but keep the connections
	delay    time.Duration
}

// newDatabaseProxy returns a closed proxy of the server at ENCORE_SQLDB_HOST.
func newDatabaseProxy(t *testing.T) *databaseProxy {
	t.Helper()
	target := os.Getenv("ENCORE_SQLDB_HOST")
	if _, _, err := net.SplitHostPort(target); err != nil {
		t.Fatalf("set ENCORE_SQLDB_HOST to the host and port of a Postgres server (it is %q), and ENCORE_SQLDB_USER and ENCORE_SQLDB_PASSWORD", target)
	}
	return newProxyOf(t, target)
}

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
	p.listener, p.hanging = listener, false
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
		hanging, delay := p.hanging, p.delay
		p.mu.Unlock()
		time.Sleep(delay)
		if hanging {
			_, _ = io.Copy(io.Discard, from) // until the client closes it
			return
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

func (p *databaseProxy) slow(delay time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = delay
}

// hang accepts connections, but never answers.
func (p *databaseProxy) hang() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hanging = true
}

func (p *databaseProxy) dropConnection() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.conns) > 0 {
		p.conns[0].Close() // serve then closes the other end
		p.conns = p.conns[2:]
	}
}

// close drops all connections and refuses new ones.
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
