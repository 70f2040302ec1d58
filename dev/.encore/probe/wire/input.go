package wire

import (
	"context"

	"encore.dev/beta/errs"
)

// TextResponse has a text.
type TextResponse struct {
	Text string `json:"text"`
}

// QueryParams come from the query and the headers.
type QueryParams struct {
	Limit    int      `query:"limit"`
	Tags     []string `query:"tag"`
	Done     bool     `query:"done"`
	PageSize int
	Account  int `header:"X-Account"`
}

// QueryResponse has the parameters.
type QueryResponse struct {
	Limit    int      `json:"limit"`
	Tags     []string `json:"tags"`
	Done     bool     `json:"done"`
	PageSize int
	Account  int
}

// Query returns its parameters.
//
//encore:api public method=GET path=/query
func Query(_ context.Context, p *QueryParams) (*QueryResponse, error) {
	return &QueryResponse{p.Limit, p.Tags, p.Done, p.PageSize, p.Account}, nil
}

// PathNumber returns whether a number is even.
//
//encore:api public method=GET path=/number/:n
func PathNumber(_ context.Context, n int64) (*TextResponse, error) {
	if n%2 == 0 {
		return &TextResponse{"even"}, nil
	}
	return &TextResponse{"odd"}, nil
}

// PathText returns the text.
//
//encore:api public method=GET path=/text/:text
func PathText(_ context.Context, text string) (*TextResponse, error) { return &TextResponse{text}, nil }

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

// Body returns its parameters.
//
//encore:api public method=POST,PATCH path=/body
func Body(_ context.Context, p *BodyParams) (*BodyResponse, error) {
	return &BodyResponse{p.Title, p.Note, p.Count, p.Labels, p.Dry}, nil
}
