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

// maxBody is in bytes. The body contains the client's GraphQL request.
const maxBody = 1 << 20

// hookRequest is the engine's question: who sends this token, and in which role?
type hookRequest struct {
	resource         string // the audience that a token must have to give a role
	unauthorizedRole string // for callers who lack expectedRole, or ""
	expectedRole     string // the role that the client asks for, or ""
	token            string // the client's bearer token, or ""
	// signedIn is the caller that the auth handler found, or nil. The handler removes
	// the token from the headers.
	signedIn *auth.VerifyResponse
}

// parseRequest returns an *errs.Error for the client if the request is not valid.
func (h *hook) parseRequest(req *http.Request) (hookRequest, error) {
	var r hookRequest
	query, err := url.ParseQuery(req.URL.RawQuery)
	if err != nil {
		return r, unauthorized("the query of the hook's address is malformed")
	}
	if r.resource, err = single(query["resource"]); err != nil || r.resource == "" {
		return r, unauthorized("the hook's address needs one resource: the API resource that tokens are for")
	}
	if r.unauthorizedRole, err = single(query["unauthorizedRole"]); err != nil {
		return r, unauthorized("the hook's address has an unauthorizedRole that is not valid")
	}
	if isAdmin(r.unauthorizedRole) {
		return r, unauthorized("the hook's address has admin as unauthorizedRole: it would allow everything to everybody")
	}
	header, err := clientHeader(req)
	if err != nil {
		return r, err
	}
	if r.expectedRole, err = single(header.Values("Expected-Role")); err != nil {
		return r, unauthorized("the header Expected-Role is not a single valid role")
	}
	authorization := header.Values("Authorization")
	if len(authorization) > 1 {
		return r, unauthorized("there is more than one Authorization header")
	}
	r.token = token.Bearer(header.Get("Authorization"))
	if req.Method != http.MethodPost {
		r.signedIn = h.signedIn()
	}
	return r, nil
}

// clientHeader returns the headers of the engine's client. With POST they are in the
// body, and the request has the engine's own headers.
func clientHeader(req *http.Request) (http.Header, error) {
	if req.Method != http.MethodPost {
		return req.Header, nil
	}
	data, err := io.ReadAll(io.LimitReader(req.Body, maxBody+1))
	if err != nil {
		return nil, unauthorized("the body could not be read")
	}
	if len(data) > maxBody {
		return nil, unauthorized("the body is too long")
	}
	var body struct {
		Headers map[string]string `json:"headers"`
	}
	if err := json.Unmarshal(data, &body); err != nil || body.Headers == nil {
		return nil, unauthorized(`the body is not {"headers": {…}} with the client's headers`)
	}
	header := make(http.Header, len(body.Headers))
	for name, value := range body.Headers {
		header.Add(name, value)
	}
	return header, nil
}

func single(values []string) (string, error) {
	if len(values) == 0 {
		return "", nil
	}
	if len(values) > 1 || values[0] != "" && !token.IsID(values[0]) {
		return "", errors.New("not a single valid name")
	}
	return values[0], nil
}
