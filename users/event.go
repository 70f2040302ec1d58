package users

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// event is what a webhook delivery says about a person: their state, or that
// they were deleted. If it says neither it is of no interest.
type event struct {
	state   *state
	deleted string // the Logto id
	// createdAt is when it happened, by Logto's clock. It may be the zero time.
	createdAt time.Time
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

// parseEvent reads a delivery. Errors are for whoever sent it.
func parseEvent(body []byte, now time.Time) (event, error) {
	var d delivery
	if err := json.Unmarshal(body, &d); err != nil {
		return event{}, errors.New("the body is not a webhook delivery in JSON")
	}
	if d.Event == "" {
		return event{}, errors.New("event is missing")
	}
	e, err := d.person(now)
	e.createdAt, _ = time.Parse(time.RFC3339, d.CreatedAt) // it is for a metric only
	return e, err
}

// person returns what the delivery says about a person.
func (d *delivery) person(now time.Time) (event, error) {
	switch d.Event {
	case "User.Created", "User.Data.Updated", "User.SuspensionStatus.Updated":
		return d.dataEvent(now)
	case "User.Deleted":
		return d.deletion()
	case "PostRegister", "PostSignIn":
		return d.interaction(now)
	}
	return event{}, nil
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

func (d *delivery) dataEvent(now time.Time) (event, error) {
	if !userRoutes[d.MatchedRoute] {
		return event{}, nil
	}
	user, err := parseUser("data", d.Data)
	if err != nil {
		return event{}, err
	}
	if user == nil || user.ID == "" {
		return event{}, nil // such as that of a test delivery
	}
	userID, err := d.paramsUserID()
	if err != nil {
		return event{}, err
	}
	return user.event(userID, now)
}

func (d *delivery) deletion() (event, error) {
	user, err := parseUser("data", d.Data)
	if err != nil {
		return event{}, err
	}
	id, err := d.paramsUserID()
	if err != nil {
		return event{}, err
	}
	if id == "" && user != nil {
		id = user.ID
	}
	if id == "" {
		return event{}, nil // a test delivery
	}
	if user != nil && user.ID != "" && user.ID != id {
		return event{}, errors.New("data is of another person than params.userId")
	}
	if err := checkLogtoID(id); err != nil {
		return event{}, err
	}
	return event{deleted: id}, nil
}

// fakeSession is the session of Logto's test deliveries of interactions. Unlike
// other test deliveries these have a person in them.
const fakeSession = "fake-session-id"

func (d *delivery) interaction(now time.Time) (event, error) {
	if d.SessionID == fakeSession {
		return event{}, nil
	}
	user, err := parseUser("user", d.User)
	if err != nil || user == nil {
		return event{}, err
	}
	return user.event(d.UserID, now)
}

// event returns the person's state, which has to be that of the person with the
// other id, if there is one.
func (u *logtoUser) event(id string, now time.Time) (event, error) {
	if id != "" && u.ID != id {
		return event{}, errors.New("the state is that of another person than the id")
	}
	s, err := u.state()
	if err != nil {
		return event{}, err
	}
	if s.updatedAt.After(now.Add(maxAhead)) {
		return event{}, errors.New("updatedAt is in the future")
	}
	return event{state: &s}, nil
}

// parseUser returns nil if there is no such part.
func parseUser(part string, data json.RawMessage) (*logtoUser, error) {
	var u *logtoUser
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
