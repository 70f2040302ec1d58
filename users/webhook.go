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
	// deliveryTimeout bounds the answer to a delivery: Logto waits 10 seconds
	// for it, and never repeats a delivery.
	deliveryTimeout = 8 * time.Second
	// deliveryReadTimeout is the part of it for reading. Logto sends at once.
	deliveryReadTimeout = 5 * time.Second
	// attemptTimeout bounds one attempt to apply a delivery, so that a lost
	// connection or a lock doesn't take all the time there is.
	attemptTimeout = time.Second
	// attemptsAtOnce leaves connections to the database for the calls of people.
	attemptsAtOnce = 3
	// The pause after a failed attempt doubles from the first to the last.
	firstPause, lastPause = 50 * time.Millisecond, 400 * time.Millisecond
)

// DeliveryLabels are the labels of webhook_deliveries_total.
type DeliveryLabels struct {
	// Outcome is "accepted", "rejected" or "lost".
	Outcome string
}

var (
	deliveries    = metrics.NewCounterGroup[DeliveryLabels, uint64]("webhook_deliveries_total", metrics.CounterConfig{})
	deliveryDelay = metrics.NewCounter[float64]("webhook_delivery_delay_seconds_total", metrics.CounterConfig{})
)

// Webhook receives Logto's events: people who were created, changed, suspended or
// deleted. It answers 204 when the event is stored, or if it is about something else;
// 401 if the signature is missing or wrong; another 4xx if it is not a delivery or
// there is no signing key; and 503 if the database can't be reached within 8 seconds.
//
//encore:api public raw sensitive method=POST path=/webhooks/logto
func (s *Service) Webhook(w http.ResponseWriter, r *http.Request) { s.receiver.ServeHTTP(w, r) }

// receiver receives the deliveries of a webhook of Logto.
type receiver struct {
	signingKey  string
	attempts    *semaphore.Weighted
	now         func() time.Time
	readTimeout time.Duration
}

func newReceiver(signingKey string) *receiver {
	return &receiver{
		signingKey:  signingKey,
		attempts:    semaphore.NewWeighted(attemptsAtOnce),
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
	if again, ok := details.(fault.RetryAfter); ok {
		w.Header().Set("Retry-After", strconv.Itoa(again.RetryAfter))
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

// rejection is why a delivery is not accepted.
type rejection struct {
	status  int
	code    errs.ErrCode
	message string
	cause   error // for the log alone
}

// incomplete is the rejection of a body that ended early. It is not logged: the
// sender hung up.
var incomplete = &rejection{http.StatusBadRequest, errs.InvalidArgument, "the body is incomplete", nil}

var (
	rejectedDeliveries = fault.NewLines(rlog.Warn)
	lostDeliveries     = fault.NewLines(rlog.Error)
)

func (r *rejection) log() {
	switch {
	case r == incomplete:
	case r.cause != nil:
		lostDeliveries.Add("webhook delivery lost: "+r.message, "err", r.cause)
	default:
		rejectedDeliveries.Add("webhook delivery rejected: " + r.message)
	}
}

// outcome is the delivery's label in the metrics. nil is no rejection.
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
		// Not a 5xx: otherwise strangers could raise an alarm where nobody uses the webhook.
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
	// It is applied even if Logto doesn't wait for the answer.
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

// apply applies an event, and tries again until the context ends: the event was
// checked before, so what fails is the database, and applying it twice does no harm.
func (d *receiver) apply(ctx context.Context, e *logto.Event) error {
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
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
	// Encore's ResponseWriter and the stand-in's have a deadline.
	conn := http.NewResponseController(w)
	conn.SetReadDeadline(time.Now().Add(d.readTimeout))
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxDelivery))
	var tooLarge *http.MaxBytesError
	switch {
	case err == nil:
		// It would cancel the request's context. After an error it has to stay:
		// the server reads on to the body's end before it answers.
		conn.SetReadDeadline(time.Time{})
		return body, nil
	case errors.As(err, &tooLarge):
		return nil, &rejection{http.StatusRequestEntityTooLarge, errs.InvalidArgument, "the body is larger than 1 MiB", nil}
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, &rejection{http.StatusRequestTimeout, errs.InvalidArgument, "the body came too slowly", nil}
	}
	return nil, incomplete
}

// applyEvent makes the person's row follow the event.
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
