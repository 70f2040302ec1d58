package users

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"strconv"
	"time"

	"encore.dev/beta/errs"
	"encore.dev/metrics"
	"encore.dev/rlog"
	"encore.dev/storage/sqldb"
	"golang.org/x/sync/semaphore"

	"encore.app/internal/fault"
	"encore.app/internal/trace"
	"encore.app/users/logto"
)

const (
	maxDelivery = 1 << 20 // bytes
	// Logto waits 10 seconds for the answer and never repeats a delivery.
	deliveryTimeout     = 8 * time.Second
	deliveryReadTimeout = 5 * time.Second // for the body
	// attemptTimeout is short, so that a lost connection or a lock doesn't use up all
	// the time.
	attemptTimeout        = time.Second
	maxConcurrentAttempts = 3 // leaves database connections for other calls
	// The pause between attempts doubles each time.
	minPause, maxPause = 50 * time.Millisecond, 400 * time.Millisecond
)

type DeliveryLabels struct {
	// Outcome is "accepted", "rejected" or "lost".
	Outcome string
}

var (
	deliveries    = metrics.NewCounterGroup[DeliveryLabels, uint64]("webhook_deliveries_total", metrics.CounterConfig{})
	deliveryDelay = metrics.NewCounter[float64]("webhook_delivery_delay_seconds_total", metrics.CounterConfig{})
)

// Webhook receives events from Logto: people who were created, changed, suspended or
// deleted. It answers 204 when the event is stored or ignored; 401 if the signature is
// wrong; 404 if there is no signing key; another 4xx if the request is not a delivery;
// and 503 if the database can't be reached within 8 seconds.
//
//encore:api public raw sensitive method=POST path=/webhooks/logto
func (s *Service) Webhook(w http.ResponseWriter, r *http.Request) { s.receiver.ServeHTTP(w, r) }

type receiver struct {
	signingKey  string
	attempts    *semaphore.Weighted
	now         func() time.Time
	readTimeout time.Duration
}

func newReceiver(signingKey string) *receiver {
	return &receiver{
		signingKey:  signingKey,
		attempts:    semaphore.NewWeighted(maxConcurrentAttempts),
		now:         time.Now,
		readTimeout: deliveryReadTimeout,
	}
}

func (d *receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	trace.OmitBody(r)
	rejected := d.receive(w, r)
	deliveries.With(DeliveryLabels{rejected.outcome()}).Increment()
	if rejected == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	rejected.log()
	details := rejected.details()
	if retry, ok := details.(fault.RetryAfter); ok {
		w.Header().Set("Retry-After", strconv.Itoa(retry.RetryAfter))
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(rejected.status)
	json.NewEncoder(w).Encode(struct {
		Code    string `json:"code"`
		Message string `json:"message"`
		Details any    `json:"details"`
	}{rejected.code.String(), rejected.message, details})
}

type rejection struct {
	status  int
	code    errs.ErrCode
	message string
	cause   error // only for the log
}

// incompleteBody is not logged: the sender hung up.
var incompleteBody = &rejection{http.StatusBadRequest, errs.InvalidArgument, "the body is incomplete", nil}

var (
	rejectedDeliveries = fault.NewLines(rlog.Warn)
	lostDeliveries     = fault.NewLines(rlog.Error)
)

func (r *rejection) log() {
	switch {
	case r == incompleteBody:
	case r.cause != nil:
		lostDeliveries.Add("webhook delivery lost: "+r.message, "err", r.cause)
	default:
		rejectedDeliveries.Add("webhook delivery rejected: " + r.message)
	}
}

// outcome is also called with nil, for an accepted delivery.
func (r *rejection) outcome() string {
	switch {
	case r == nil:
		return "accepted"
	case r.code == errs.Unavailable:
		return "lost"
	}
	return "rejected"
}

func (r *rejection) details() any {
	if r.code == errs.Unavailable {
		return fault.RetryAfter{RetryAfter: 1}
	}
	return nil
}

func (d *receiver) receive(w http.ResponseWriter, r *http.Request) *rejection {
	deadline := time.Now().Add(deliveryTimeout)
	if d.signingKey == "" {
		// Not a 5xx: otherwise anyone could trigger alerts on an installation without a webhook.
		return &rejection{http.StatusNotFound, errs.NotFound, "the webhook is not configured: it has no signing key", nil}
	}
	body, rejected := d.read(w, r)
	if rejected != nil {
		return rejected
	}
	if mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || mediaType != "application/json" {
		return &rejection{http.StatusUnsupportedMediaType, errs.InvalidArgument, "the content type is not application/json", nil}
	}
	if !logto.IsSigned(body, r.Header.Values(logto.SignatureHeader), d.signingKey) {
		return &rejection{http.StatusUnauthorized, errs.Unauthenticated, "the signature is missing or wrong", nil}
	}
	e, err := logto.ParseEvent(body, d.now())
	if err != nil {
		return &rejection{http.StatusBadRequest, errs.InvalidArgument, err.Error(), nil}
	}
	// Apply the event even if Logto stops waiting for the answer.
	ctx, cancel := context.WithDeadline(context.WithoutCancel(r.Context()), deadline)
	defer cancel()
	if err := d.apply(ctx, &e); err != nil {
		return &rejection{http.StatusServiceUnavailable, errs.Unavailable, "the database is unavailable", err}
	}
	if !e.CreatedAt.IsZero() {
		deliveryDelay.Add(max(0, time.Since(e.CreatedAt).Seconds()))
	}
	return nil
}

// apply retries until the context is done. The event is valid, so only the database can
// fail, and applying an event twice is harmless.
func (d *receiver) apply(ctx context.Context, e *logto.Event) error {
	for pause := minPause; ; pause = min(2*pause, maxPause) {
		err := d.attempt(ctx, e)
		if err == nil {
			return nil
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return err
		}
	}
}

func (d *receiver) attempt(ctx context.Context, e *logto.Event) error {
	if err := d.attempts.Acquire(ctx, 1); err != nil {
		return err
	}
	defer d.attempts.Release(1)
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	return applyEvent(ctx, e)
}

func (d *receiver) read(w http.ResponseWriter, r *http.Request) ([]byte, *rejection) {
	// Both Encore's ResponseWriter and the stand-in's support deadlines.
	conn := http.NewResponseController(w)
	conn.SetReadDeadline(time.Now().Add(d.readTimeout))
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxDelivery))
	var tooLarge *http.MaxBytesError
	switch {
	case err == nil:
		// Clear the deadline, which would cancel the request's context. After an
		// error it must stay: the server reads the rest of the body before it answers.
		conn.SetReadDeadline(time.Time{})
		return body, nil
	case errors.As(err, &tooLarge):
		return nil, &rejection{http.StatusRequestEntityTooLarge, errs.InvalidArgument, "the body is larger than 1 MiB", nil}
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, &rejection{http.StatusRequestTimeout, errs.InvalidArgument, "the body arrived too slowly", nil}
	}
	return nil, incompleteBody
}

func applyEvent(ctx context.Context, e *logto.Event) error {
	switch {
	case e.State != nil:
		return inTransaction(ctx, func(tx *sqldb.Tx) ([]string, error) {
			a, err := apply(ctx, tx, []logto.State{*e.State}, nil)
			if err != nil {
				return nil, err
			}
			return a.changed, nil
		})
	case e.Deleted != "":
		return inTransaction(ctx, func(tx *sqldb.Tx) ([]string, error) {
			_, err := tombstone(ctx, tx, e.Deleted)
			return []string{e.Deleted}, err
		})
	}
	return nil
}
