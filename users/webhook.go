package users

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"
	"time"

	"encore.dev/beta/errs"
	"encore.dev/rlog"
	"encore.dev/storage/sqldb"
	"golang.org/x/time/rate"
)

const (
	maxDelivery = 1 << 20 // bytes
	// deliveryReadTimeout bounds the reading of a delivery. Logto sends it at
	// once, and waits 10 seconds for the answer.
	deliveryReadTimeout = 5 * time.Second
	// deliveryTimeout bounds what is done with it then.
	deliveryTimeout = 900 * time.Millisecond
)

// Webhook receives what Logto tells of people who were created, changed,
// suspended or deleted. It answers 204 when that is durable, and to what is of
// no interest here; 401 if the signature is missing or wrong; another 4xx to
// what is no delivery; and 503 if the database can't be reached or there is no
// signing key.
//
//encore:api public raw method=POST path=/webhooks/logto
func (s *Service) Webhook(w http.ResponseWriter, r *http.Request) { s.receiver.ServeHTTP(w, r) }

// receiver receives the deliveries of a webhook of Logto.
type receiver struct {
	signingKey  string
	refusals    rate.Sometimes
	now         func() time.Time
	readTimeout time.Duration
}

func newReceiver(signingKey string) *receiver {
	return &receiver{
		signingKey:  signingKey,
		refusals:    rate.Sometimes{Interval: time.Second},
		now:         time.Now,
		readTimeout: deliveryReadTimeout,
	}
}

func (d *receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	err := d.receive(w, r)
	if err == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	// A flood of what is not Logto's is no flood of lines.
	d.refusals.Do(func() { rlog.Warn("webhook delivery refused", "reason", err.reason()) })
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(err.status)
	json.NewEncoder(w).Encode(struct {
		Code    string `json:"code"`
		Message string `json:"message"`
		Details any    `json:"details"`
	}{Code: err.code.String(), Message: err.message})
}

// refusal is why a delivery is not taken in. The cause is for the log alone.
type refusal struct {
	status  int
	code    errs.ErrCode
	message string
	cause   error
}

func (r *refusal) reason() string {
	if r.cause != nil {
		return r.message + ": " + r.cause.Error()
	}
	return r.message
}

func (d *receiver) receive(w http.ResponseWriter, r *http.Request) *refusal {
	if d.signingKey == "" {
		return &refusal{http.StatusServiceUnavailable, errs.Unavailable, "the webhook is not configured",
			errors.New("the secret LogtoWebhookSigningKey is not set")}
	}
	body, refused := d.read(w, r)
	if refused != nil {
		return refused
	}
	if mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || mediaType != "application/json" {
		return &refusal{http.StatusUnsupportedMediaType, errs.InvalidArgument, "the content type is not application/json", nil}
	}
	if !signedWith(d.signingKey, r.Header.Values("Logto-Signature-Sha-256"), body) {
		return &refusal{http.StatusUnauthorized, errs.Unauthenticated, "the signature is missing or wrong", nil}
	}
	e, err := parseEvent(body, d.now())
	if err != nil {
		return &refusal{http.StatusBadRequest, errs.InvalidArgument, err.Error(), nil}
	}
	// It is taken in even if Logto doesn't wait for the answer.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), deliveryTimeout)
	defer cancel()
	if err := e.takeIn(ctx); err != nil {
		return &refusal{http.StatusServiceUnavailable, errs.Unavailable, "the database is unavailable", err}
	}
	return nil
}

func (d *receiver) read(w http.ResponseWriter, r *http.Request) ([]byte, *refusal) {
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
		return nil, &refusal{http.StatusRequestEntityTooLarge, errs.InvalidArgument, "the body is larger than 1 MiB", nil}
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, &refusal{http.StatusRequestTimeout, errs.InvalidArgument, "the body came too slowly", nil}
	}
	return nil, &refusal{http.StatusBadRequest, errs.InvalidArgument, "the body is incomplete", nil}
}

// signedWith reports whether the values of the signature header are one: the
// HMAC-SHA256 of the body in lower-case hexadecimal.
func signedWith(signingKey string, values []string, body []byte) bool {
	if len(values) != 1 || len(values[0]) != hex.EncodedLen(sha256.Size) || values[0] != strings.ToLower(values[0]) {
		return false
	}
	signature, err := hex.DecodeString(values[0])
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, []byte(signingKey))
	mac.Write(body)
	return hmac.Equal(signature, mac.Sum(nil))
}

// takeIn makes the person's row follow the event.
func (e *event) takeIn(ctx context.Context) error {
	switch {
	case e.state != nil:
		return inTransaction(ctx, func(tx *sqldb.Tx) ([]string, error) {
			a, err := apply(ctx, tx, []state{*e.state}, nil)
			if err != nil {
				return nil, err
			}
			return a.changed, nil
		})
	case e.deleted != "":
		return inTransaction(ctx, func(tx *sqldb.Tx) ([]string, error) {
			_, err := bury(ctx, tx, e.deleted)
			return []string{e.deleted}, err
		})
	}
	return nil
}
