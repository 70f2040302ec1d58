package wire

import (
	"context"
	"fmt"

	"encore.dev/beta/errs"

	"probe.app/gate"
)

// QueryParams come from the query and the headers.
type QueryParams struct {
	Limit   int    `query:"limit"`
	Text    string `query:"text"`
	Done    bool   `query:"done"`
	Account int    `header:"X-Account"`
}

//encore:api public method=GET path=/query
func Query(_ context.Context, p *QueryParams) (*gate.TextResponse, error) {
	return &gate.TextResponse{Text: fmt.Sprintf("%+v", *p)}, nil
}

//encore:api public method=GET path=/number/:n
func PathNumber(_ context.Context, n int64) (*gate.TextResponse, error) {
	return &gate.TextResponse{Text: fmt.Sprint(n)}, nil
}

//encore:api public method=GET path=/text/:text
func PathText(_ context.Context, text string) (*gate.TextResponse, error) {
	return &gate.TextResponse{Text: text}, nil
}

// BodyParams come from the body and the query.
type BodyParams struct {
	Title  string   `json:"title"`
	Note   *string  `json:"note"`
	Count  int      `json:"count"`
	Labels []string `json:"labels"`
	Dry    bool     `query:"dry"`
}

// BodyResponse has the parameters.
type BodyResponse struct {
	Title  string   `json:"title"`
	Note   *string  `json:"note"`
	Count  int      `json:"count"`
	Labels []string `json:"labels"`
	Dry    bool     `json:"dry"`
}

// Validate returns an error with a code for one title.
func (p *BodyParams) Validate() error {
	if p.Title == "not now" {
		return &errs.Error{Code: errs.FailedPrecondition, Message: "not now"}
	}
	return nil
}

//encore:api public method=POST,PATCH path=/body
func Body(_ context.Context, p *BodyParams) (*BodyResponse, error) {
	return &BodyResponse{p.Title, p.Note, p.Count, p.Labels, p.Dry}, nil
}
