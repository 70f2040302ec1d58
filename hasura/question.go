package hasura

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"

	"encore.app/auth"
	"encore.app/auth/token"
)

// maxBody bounds the body of a POST in bytes. The engine sends the client's
// headers in it, and the client's GraphQL request, which may be long.
const maxBody = 1 << 20

// question is what the engine asks: who is it that sends this token, and in
// which role?
type question struct {
	// resource is the audience that a token must have to give a role.
	resource string
	// unauthorizedRole is the role of those who don't hold expectedRole, or "".
	unauthorizedRole string
	// expectedRole is the role that the client asks for, or "".
	expectedRole string
	// token is the client's bearer token, or "".
	token string
	// signedIn is whom the auth handler let in by the token, which is then gone
	// from the headers. It is nil if that let nobody in.
	signedIn *auth.VerifyResponse
}

// readQuestion returns an *errs.Error that says what is wrong with the question.
func (h *hook) readQuestion(req *http.Request) (question, error) {
	var q question
	query, err := url.ParseQuery(req.URL.RawQuery)
	if err != nil {
		return q, refusal("the query of the hook's address is malformed")
	}
	if q.resource, err = only(query["resource"]); err != nil || q.resource == "" {
		return q, refusal("the hook's address needs one resource: the API resource that tokens are for")
	}
	if q.unauthorizedRole, err = only(query["unauthorizedRole"]); err != nil {
		return q, refusal("the hook's address names an unauthorizedRole that is none")
	}
	if isAdmin(q.unauthorizedRole) {
		return q, refusal("the hook's address names admin as unauthorizedRole: everybody could do everything")
	}
	header, err := clientHeader(req)
	if err != nil {
		return q, err
	}
	if q.expectedRole, err = only(header.Values("Expected-Role")); err != nil {
		return q, refusal("the header Expected-Role is not one role")
	}
	authorization := header.Values("Authorization")
	if len(authorization) > 1 {
		return q, refusal("there is more than one header Authorization")
	}
	q.token = token.Bearer(header.Get("Authorization"))
	if req.Method != http.MethodPost {
		q.signedIn = h.signedIn()
	}
	return q, nil
}

// clientHeader returns the headers of the engine's client. With POST they are
// in the body, and those of the request are the engine's own.
func clientHeader(req *http.Request) (http.Header, error) {
	if req.Method != http.MethodPost {
		return req.Header, nil
	}
	data, err := io.ReadAll(io.LimitReader(req.Body, maxBody+1))
	if err != nil {
		return nil, refusal("the body did not arrive")
	}
	if len(data) > maxBody {
		return nil, refusal("the body is too long")
	}
	var body struct {
		Headers map[string]string `json:"headers"`
	}
	if err := json.Unmarshal(data, &body); err != nil || body.Headers == nil {
		return nil, refusal(`the body is not {"headers": {…}} with the client's headers`)
	}
	header := make(http.Header, len(body.Headers))
	for name, value := range body.Headers {
		header.Add(name, value)
	}
	return header, nil
}

// only returns the one value there is, or "" if there is none.
func only(values []string) (string, error) {
	if len(values) == 0 {
		return "", nil
	}
	if len(values) > 1 || values[0] != "" && !token.IsID(values[0]) {
		return "", errors.New("not one name")
	}
	return values[0], nil
}
