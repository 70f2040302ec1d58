package faults

import (
	"net"
	"os"
	"os/exec"
	osuser "os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

type server struct {
	bin, data, address string
	credential         *syscall.Credential // Postgres refuses to run as root
	process            *exec.Cmd
}

// newServer starts the Postgres server in POSTGRES_BIN, with the user
// ENCORE_SQLDB_USER and the password ENCORE_SQLDB_PASSWORD.
func newServer(t *testing.T) *server {
	t.Helper()
	s := &server{bin: os.Getenv("POSTGRES_BIN"), address: freeAddress(t)}
	if s.bin == "" {
		t.Fatal("set POSTGRES_BIN to the folder with the programs postgres and initdb")
	}
	dir, err := os.MkdirTemp("", "faults-postgres-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s.data = filepath.Join(dir, "data")
	password := filepath.Join(dir, "password")
	if err := os.WriteFile(password, []byte(os.Getenv("ENCORE_SQLDB_PASSWORD")), 0o600); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 {
		s.credential = nobody(t)
		for _, file := range []string{dir, password} {
			if err := os.Chown(file, int(s.credential.Uid), int(s.credential.Gid)); err != nil {
				t.Fatal(err)
			}
		}
	}
	initdb := s.command("initdb", "--pgdata="+s.data, "--username="+os.Getenv("ENCORE_SQLDB_USER"), "--pwfile="+password,
		"--auth=scram-sha-256", "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8", "--no-sync")
	if output, err := initdb.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	s.start(t)
	t.Cleanup(s.kill)
	return s
}

func nobody(t *testing.T) *syscall.Credential {
	t.Helper()
	u, err := osuser.Lookup("nobody")
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.ParseUint(u.Uid, 10, 32)
	gid, _ := strconv.ParseUint(u.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

func (s *server) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.bin, program), args...)
	cmd.Dir = filepath.Dir(s.data)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.credential}
	return cmd
}

// start starts the server and waits until it accepts connections. It retries,
// because Postgres doesn't start while processes of a killed server are left.
func (s *server) start(t *testing.T) {
	t.Helper()
	host, port, err := net.SplitHostPort(s.address)
	if err != nil {
		t.Fatal(err)
	}
	var output strings.Builder
	for deadline := time.Now().Add(recoveryTimeout); time.Now().Before(deadline); {
		s.process = s.command("postgres", "-D", s.data, "-c", "listen_addresses="+host, "-c", "port="+port,
			"-c", "unix_socket_directories=", "-c", "max_connections=250")
		output.Reset()
		s.process.Stdout, s.process.Stderr = &output, &output
		if err := s.process.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan struct{})
		go func() {
			_ = s.process.Wait()
			close(ended)
		}()
		for !s.isReady() {
			select {
			case <-ended:
			case <-time.After(pollInterval):
				continue
			}
			break
		}
		if s.isReady() {
			return
		}
	}
	t.Fatalf("Postgres does not start:\n%s", &output)
}

func (s *server) isReady() bool {
	data, err := os.ReadFile(filepath.Join(s.data, "postmaster.pid"))
	lines := strings.Split(string(data), "\n")
	return err == nil && len(lines) > 7 && lines[0] == strconv.Itoa(s.process.Process.Pid) && strings.TrimSpace(lines[7]) == "ready"
}

func (s *server) kill() {
	_ = s.process.Process.Kill()
}
