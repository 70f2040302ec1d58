package logto

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Event is what a webhook delivery says about a person: their state, or that they
// were deleted. If it says neither, it is about something else.
type Event struct {
	// State is the person's new state, or nil.
	State *State
	// Deleted is the id of a person who was deleted, or "".
	Deleted string
	// CreatedAt is when it happened, by Logto's clock. It may be the zero time.
	CreatedAt time.Time
}

// delivery is the body of a webhook delivery.
type delivery struct {
	Event string `json:"event"`
	// CreatedAt is in the format of RFC 3339.
	CreatedAt string `json:"createdAt"`
	// Data is the person, or whatever the request at Logto answered.
	Data json.RawMessage `json:"data"`
	// MatchedRoute and Params are of the request to the Management API that
	// caused the event. Without one, the person did it themselves.
	MatchedRoute string          `json:"matchedRoute"`
	Params       json.RawMessage `json:"params"`
	// UserID and User are those of an event of somebody signing in.
	UserID string          `json:"userId"`
	User   json.RawMessage `json:"user"`
	// SessionID is that of the interaction, or one made up in a test delivery.
	SessionID string `json:"sessionId"`
}

// ParseEvent reads the body of a delivery. The messages of its errors are for the
// sender.
func ParseEvent(body []byte, now time.Time) (Event, error) {
	var d delivery
	if err := json.Unmarshal(body, &d); err != nil {
		return Event{}, errors.New("the body is not a webhook delivery in JSON")
	}
	if d.Event == "" {
		return Event{}, errors.New("event is missing")
	}
	e, err := d.person(now)
	e.CreatedAt, _ = time.Parse(time.RFC3339, d.CreatedAt) // it is for a metric only
	return e, err
}

// person returns what the delivery says about a person.
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

// userRoutes are the requests that answer with the person. The others on a
// person answer with a part that is not kept here. That part may be made by the
// person, as their custom data is, and look like somebody else's state.
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
		return Event{}, nil // such as that of a test delivery
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
		return Event{}, errors.New("data is of another person than params.userId")
	}
	if err := checkID(id); err != nil {
		return Event{}, err
	}
	return Event{Deleted: id}, nil
}

// fakeSession is the session of Logto's test deliveries of interactions. Unlike
// other test deliveries these have a person in them.
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

// event returns the person's state, which has to be that of the person with the
// other id, if there is one.
func (u *User) event(id string, now time.Time) (Event, error) {
	if id != "" && u.ID != id {
		return Event{}, errors.New("the state is that of another person than the id")
	}
	s, err := u.state()
	if err != nil {
		return Event{}, err
	}
	if s.UpdatedAt.After(now.Add(MaxAhead)) {
		return Event{}, errors.New("updatedAt is in the future")
	}
	return Event{State: &s}, nil
}

// parseUser returns nil if there is no such part.
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

// paramsUserID returns the person that the request to the Management API was
// about, or "".
func (d *delivery) paramsUserID() (string, error) {
	var params struct {
		UserID string `json:"userId"`
	}
	if len(d.Params) > 0 {
		if err := json.Unmarshal(d.Params, &params); err != nil {
			return "", errors.New("params is not an object of texts")
		}
	}
	return params.UserID, nil
}
