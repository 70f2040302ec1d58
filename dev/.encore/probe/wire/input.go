package wire

import (
	"context"
	"errors"

	"encore.dev/beta/errs"
)

// QueryParams come from the query and the headers.
type QueryParams struct {
	Limit    int      `query:"limit"`
	Tags     []string `query:"tag"`
	Done     bool     `query:"done"`
	PageSize int
	Account  int `header:"X-Account"`
}

// QueryResponse repeats the parameters.
type QueryResponse struct {
	Limit    int      `json:"limit"`
	Tags     []string `json:"tags"`
	Done     bool     `json:"done"`
	PageSize int      // has no tag
	Account  int      `header:"X-Account"`
}

// Query repeats its parameters.
//
//encore:api public method=GET path=/query
func Query(_ context.Context, p *QueryParams) (*QueryResponse, error) {
	return &QueryResponse{p.Limit, p.Tags, p.Done, p.PageSize, p.Account}, nil
}

// TextResponse has a text.
type TextResponse struct {
	Text string `json:"text"`
}

// PathNumber tells whether the number in its path is even.
//
//encore:api public method=GET path=/number/:n
func PathNumber(_ context.Context, n int64) (*TextResponse, error) {
	if n%2 == 0 {
		return &TextResponse{"even"}, nil
	}
	return &TextResponse{"odd"}, nil
}

// PathText repeats the text in its path.
//
//encore:api public method=GET path=/text/:text
func PathText(_ context.Context, text string) (*TextResponse, error) {
	return &TextResponse{text}, nil
}

// BodyParams come from the body, and one from the query.
type BodyParams struct {
	Title  string   `json:"title"`
	Note   *string  `json:"note"`
	Count  int      `json:"count"`
	Labels []string `json:"labels"`
	Dry    bool     `query:"dry"`
}

// BodyResponse repeats the parameters.
type BodyResponse struct {
	Title  string   `json:"title"`
	Note   *string  `json:"note"`
	Count  int      `json:"count"`
	Labels []string `json:"labels"`
	Dry    bool     `json:"dry"`
}

// Body repeats its parameters.
//
//encore:api public method=POST,PATCH path=/body
func Body(_ context.Context, p *BodyParams) (*BodyResponse, error) {
	return &BodyResponse{p.Title, p.Note, p.Count, p.Labels, p.Dry}, nil
}

// ValidParams are refused as they ask for.
type ValidParams struct {
	Refuse string `query:"refuse"`
}

// Validate implements Encore's validation.
func (p *ValidParams) Validate() error {
	switch p.Refuse {
	case "code":
		return &errs.Error{Code: errs.FailedPrecondition, Message: "not now"}
	case "plain":
		return errors.New("title is empty")
	}
	return nil
}

// Valid answers if its parameters are valid.
//
//encore:api public method=GET path=/valid
func Valid(context.Context, *ValidParams) error { return nil }

// PathRest repeats the rest of its path.
//
//encore:api public method=GET path=/rest/*rest
func PathRest(_ context.Context, rest string) (*TextResponse, error) {
	return &TextResponse{rest}, nil
}
