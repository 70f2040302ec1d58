package logto

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Event is the part of a webhook delivery about a person: their state or their
// deletion. It is empty for a delivery about something else.
type Event struct {
	State   *State // nil if there is none
	Deleted string // the id of a deleted person, or ""
	// CreatedAt is the time of the event by Logto's clock. It may be zero.
	CreatedAt time.Time
}

type delivery struct {
	Event     string `json:"event"`
	CreatedAt string `json:"createdAt"` // RFC 3339
	// Data is the person, or what the Management API answered.
	Data json.RawMessage `json:"data"`
	// MatchedRoute and Params describe the request to the Management API that
	// caused the event. They are empty if the person caused it themselves.
	MatchedRoute string          `json:"matchedRoute"`
	Params       json.RawMessage `json:"params"`
	UserID       string          `json:"userId"`
	User         json.RawMessage `json:"user"`
	SessionID    string          `json:"sessionId"`
}

// ParseEvent parses the body of a delivery. Its error messages are for the sender.
func ParseEvent(body []byte, now time.Time) (Event, error) {
	var d delivery
	if err := json.Unmarshal(body, &d); err != nil {
		return Event{}, errors.New("the body is not a webhook delivery in JSON")
	}
	if d.Event == "" {
		return Event{}, errors.New("event is missing")
	}
	e, err := d.person(now)
	e.CreatedAt, _ = time.Parse(time.RFC3339, d.CreatedAt) // used only for a metric
	return e, err
}

func (d *delivery) person(now time.Time) (Event, error) {
	switch d.Event {
	case "User.Created", "User.Data.Updated", "User.SuspensionStatus.Updated":
		return d.dataEvent(now)
	case "User.Deleted":
		return d.deletion()
	case "PostRegister", "PostSignIn":
		return d.interaction(now)
	}
	return Event{}, nil
}

// userRoutes are the requests whose answer is the whole person. Other routes answer
// with a part of the person, such as their custom data. A person can write that
// themselves, so it could look like the state of somebody else.
var userRoutes = map[string]bool{
	"":                            true,
	"/users":                      true,
	"/users/:userId":              true,
	"/users/:userId/password":     true,
	"/users/:userId/is-suspended": true,
}

func (d *delivery) dataEvent(now time.Time) (Event, error) {
	if !userRoutes[d.MatchedRoute] {
		return Event{}, nil
	}
	user, err := parseUser("data", d.Data)
	if err != nil {
		return Event{}, err
	}
	if user == nil || user.ID == "" {
		return Event{}, nil // for example a test delivery
	}
	userID, err := d.paramsUserID()
	if err != nil {
		return Event{}, err
	}
	return user.event(userID, now)
}

func (d *delivery) deletion() (Event, error) {
	user, err := parseUser("data", d.Data)
	if err != nil {
		return Event{}, err
	}
	id, err := d.paramsUserID()
	if err != nil {
		return Event{}, err
	}
	if id == "" && user != nil {
		id = user.ID
	}
	if id == "" {
		return Event{}, nil // a test delivery
	}
	if user != nil && user.ID != "" && user.ID != id {
		return Event{}, errors.New("data and params.userId are not the same person")
	}
	if err := checkID(id); err != nil {
		return Event{}, err
	}
	return Event{Deleted: id}, nil
}

// fakeSession is the session id in Logto's test deliveries of sign-ins. Unlike other
// test deliveries, they contain a person.
const fakeSession = "fake-session-id"

func (d *delivery) interaction(now time.Time) (Event, error) {
	if d.SessionID == fakeSession {
		return Event{}, nil
	}
	user, err := parseUser("user", d.User)
	if err != nil || user == nil {
		return Event{}, err
	}
	return user.event(d.UserID, now)
}

// event returns the person's state, or an error if that is not the person with the id.
func (u *User) event(id string, now time.Time) (Event, error) {
	if id != "" && u.ID != id {
		return Event{}, errors.New("the id and the state are not the same person")
	}
	s, err := u.state()
	if err != nil {
		return Event{}, err
	}
	if s.UpdatedAt.After(now.Add(MaxClockSkew)) {
		return Event{}, errors.New("updatedAt is in the future")
	}
	return Event{State: &s}, nil
}

// parseUser returns nil if data is missing or null.
func parseUser(part string, data json.RawMessage) (*User, error) {
	var u *User
	if len(data) == 0 {
		return nil, nil
	}
	if err := json.Unmarshal(data, &u); err != nil {
		return nil, fmt.Errorf("%s is not a person", part)
	}
	return u, nil
}

// paramsUserID returns "" if the request was not about a person.
func (d *delivery) paramsUserID() (string, error) {
	var params struct {
		UserID string `json:"userId"`
	}
	if len(d.Params) > 0 {
		if err := json.Unmarshal(d.Params, &params); err != nil {
			return "", errors.New("params.userId is not a string")
		}
	}
	return params.UserID, nil
}
