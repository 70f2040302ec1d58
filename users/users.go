// Service users stores a row for each person who has called the application or
// exists in Logto. Other services refer to a person by the row's internal id.
//
// Logto owns the data. Webhooks, a daily sync and access tokens keep the rows up
// to date, including who is suspended or deleted.
package users

import (
	"context"
	"errors"
	"sync"
	"time"

	"encore.dev/beta/auth"
	"encore.dev/beta/errs"
	"encore.dev/config"
	"encore.dev/metrics"
	"encore.dev/rlog"
	"encore.dev/storage/sqldb"

	"encore.app/internal/background"
	"encore.app/internal/fault"
	"encore.app/users/logto"
)

// Config is the configuration of the service. Its values are in config.cue.
type Config struct {
	// ManagementEndpoint is Logto's address. If empty, the Management API is not used.
	ManagementEndpoint config.String
	ManagementResource config.String
	ManagementClientId config.String
}

var cfg = config.Load[*Config]()

// secrets are set with `encore secret set`, or locally in .secrets.local.cue.
var secrets struct {
	LogtoWebhookSigningKey string
	LogtoManagementSecret  string
}

var db = sqldb.NewDatabase("users", sqldb.DatabaseConfig{
	Migrations: "./migrations",
})

// Service runs the background jobs and receives Logto's webhooks.
//
//encore:service
type Service struct {
	receiver *receiver
	stop     context.CancelFunc
	running  sync.WaitGroup
}

func initService() (*Service, error) {
	ctx, stop := context.WithCancel(context.Background())
	s := &Service{receiver: newReceiver(secrets.LogtoWebhookSigningKey), stop: stop}
	s.running.Go(func() { deletions.run(ctx) })
	s.running.Go(func() { background.Every(ctx, background.MeasureInterval, measure) })
	s.running.Go(func() {
		pruneChanges(ctx)
		background.Every(ctx, pruneInterval, pruneChanges)
	})
	if api, err := configuredManagement(); err != nil {
		rlog.Info("users are not read from Logto", "reason", err)
	} else {
		s.running.Go(func() { fetchNewcomers(ctx, api) })
		s.running.Go(func() { background.Every(ctx, overdueCheck, syncIfOverdue) })
	}
	return s, nil
}

// configuredManagement returns logto.ErrNotConfigured if a value is missing or invalid.
func configuredManagement() (*logto.Management, error) {
	return logto.NewManagement(logto.ManagementConfig{
		Endpoint: cfg.ManagementEndpoint(),
		Resource: cfg.ManagementResource(),
		ClientID: cfg.ManagementClientId(),
		Secret:   secrets.LogtoManagementSecret,
	})
}

func (s *Service) Shutdown(context.Context) {
	s.stop()
	s.running.Wait()
}

// User is a person's row.
type User struct {
	ID int64 `json:"id"`
	// LogtoID is the id in Logto: the subject of the person's tokens.
	LogtoID string `json:"logto_id" trace:"the user id, which Encore records for every call"`
	// Username, Email, Phone, Name and Picture are the profile. Unknown parts are null.
	Username  *string   `json:"username" encore:"sensitive"`
	Email     *string   `json:"email" encore:"sensitive"`
	Phone     *string   `json:"phone" encore:"sensitive"`
	Name      *string   `json:"name" encore:"sensitive"`
	Picture   *string   `json:"picture" encore:"sensitive"`
	Suspended bool      `json:"suspended"`
	CreatedAt time.Time `json:"created_at"`
	// UpdatedAt is the time of the last change to the profile or to Suspended.
	UpdatedAt time.Time `json:"updated_at"`
	// LastSeenAt is the time of the last call, to the minute, or null if there was none.
	LastSeenAt *time.Time `json:"last_seen_at"`
}

// columns are the columns of a User, in the order of fields.
const columns = `id, logto_id, username, email, phone, name, picture, suspended, created_at, updated_at, last_seen_at`

func (u *User) fields() []any {
	return []any{&u.ID, &u.LogtoID, &u.Username, &u.Email, &u.Phone, &u.Name, &u.Picture,
		&u.Suspended, &u.CreatedAt, &u.UpdatedAt, &u.LastSeenAt}
}

// Me returns the caller's row. It returns errs.NotFound if the row was deleted
// during the call, and errs.Unavailable if the database can't be reached.
//
//encore:api auth sensitive method=GET path=/users/me tag:no-scope tag:person
func Me(ctx context.Context) (*User, error) {
	ctx, cancel := context.WithTimeout(ctx, fault.QueryTimeout)
	defer cancel()

	uid, _ := auth.UserID()
	u := new(User)
	err := db.QueryRow(ctx, `
		SELECT `+columns+` FROM users WHERE logto_id = $1 AND deleted_at IS NULL
	`, string(uid)).Scan(u.fields()...)
	if errors.Is(err, sqldb.ErrNoRows) {
		return nil, &errs.Error{Code: errs.NotFound, Message: "you have no user record: sign in again"}
	} else if err != nil {
		return nil, fault.Database(ctx, "read user", err)
	}
	return u, nil
}

// Ready returns errs.Unavailable if the database can't be reached or lacks its tables.
//
//encore:api private
func Ready(ctx context.Context) error {
	if _, err := db.Exec(ctx, `SELECT FROM users LIMIT 1`); err != nil {
		return fault.Database(ctx, "check the database", err)
	}
	return nil
}

// docs/operations.md describes the metrics and their alerts.
var (
	outboxAge = metrics.NewGauge[float64]("outbox_age_seconds", metrics.GaugeConfig{})
	syncAge   = metrics.NewGauge[float64]("sync_age_seconds", metrics.GaugeConfig{})
)

// measure calls the endpoint, because Encore drops metrics set outside a request. It
// is assigned in init because initService refers to it: otherwise Go reports an
// initialization cycle.
var measure func(context.Context)

func init() {
	measure = func(ctx context.Context) { _ = Measure(ctx) } // logs its own error
}

// Measure sets the gauges. It returns errs.Unavailable if the database can't be reached.
//
//encore:api private
func (s *Service) Measure(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, fault.QueryTimeout)
	defer cancel()
	var outbox float64
	var sync *float64 // nil if no sync has finished yet
	if err := db.QueryRow(ctx, `
		SELECT
			COALESCE(EXTRACT(EPOCH FROM now() - (SELECT min(created_at) FROM deletions)), 0)::float8,
			EXTRACT(EPOCH FROM now() - (SELECT finished_at FROM syncs))::float8
	`).Scan(&outbox, &sync); err != nil {
		return fault.Database(ctx, "measure", err)
	}
	// A counter is exported only once it has a value, and an alert can't see a
	// counter's first increase unless it started at 0.
	for _, outcome := range []string{"accepted", "rejected", "lost"} {
		deliveries.With(DeliveryLabels{outcome}).Add(0)
	}
	for _, outcome := range []string{"complete", "deleted_nobody", "failed"} {
		syncs.With(SyncLabels{outcome}).Add(0)
	}
	outboxAge.Set(outbox)
	if sync != nil {
		syncAge.Set(*sync)
	}
	return nil
}
