package standin

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"encore.dev/pubsub"
)

// ListenEnv is the environment variable with the address to listen on.
const ListenEnv = "ENCORE_STANDIN_LISTEN"

// shutdownTimeout is how long running requests may take to finish.
const shutdownTimeout = 5 * time.Second

// Main runs the application until it gets a signal.
func Main() {
	slog.Info("this is a stand-in for the Encore runtime, for development and CI only")
	if err := run(os.Getenv(ListenEnv)); err != nil {
		slog.Error("the application can't start", "err", err)
		os.Exit(1)
	}
}

func run(address string) error {
	if err := checkEnvironment(address); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	if err := initServices(); err != nil {
		return err
	}
	defer shutdownServices()
	handler, err := newHandler()
	if err != nil {
		return err
	}

	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	serving := make(chan error, 1)
	go func() { serving <- srv.Serve(listener) }()
	pubsub.Start()
	slog.Info("listening", "address", listener.Addr())

	select {
	case err := <-serving:
		return err
	case <-ctx.Done():
	}
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
	defer cancel()
	return srv.Shutdown(ctx)
}

// checkEnvironment returns an error in production and on a public address.
func checkEnvironment(address string) error {
	for _, name := range []string{"ENV", "APP_ENV", "GO_ENV", "NODE_ENV"} {
		if os.Getenv(name) == "production" {
			return errors.New("the stand-in for the Encore runtime doesn't run in production (" + name + "=production): deploy with Encore")
		}
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(host); host != "localhost" && !ip.IsLoopback() {
		return errors.New("the stand-in for the Encore runtime listens on loopback only, not on " + address)
	}
	return nil
}
