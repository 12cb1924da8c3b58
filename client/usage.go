package client

import (
	"context"
	"net/http"
)

// Usage is what one key used of one class through one connector in a month.
type Usage struct {
	Month        string `json:"month"` // of acceptance: 2026-03
	Key          string `json:"key"`   // who sent, as the timeline names it
	Class        string `json:"class"`
	Connector    string `json:"connector"`
	Messages     int64  `json:"messages"`      // accepted
	Sent         int64  `json:"sent"`          // that the operator took
	Segments     int64  `json:"segments"`      // of those sent
	Price        Price  `json:"price"`         // of those sent, as far as it is known
	WithoutPrice int64  `json:"without_price"` // of those sent whose price is not known
	InDoubt      int64  `json:"in_doubt"`      // that the operator may have taken
}

// UsageList is what an account used, month by month.
type UsageList struct {
	Items []Usage `json:"items"`
}

// Usage returns what the account used from one month to another, both counted,
// written as 2026-01; empty: this month.
func (c *Client) Usage(ctx context.Context, since, until string) (*UsageList, error) {
	return ask[UsageList](ctx, c.Connection, call{
		method: http.MethodGet, path: "/v1/usage" + query("since", since, "until", until),
	})
}

// ExportUsage returns the same as CSV.
func (c *Client) ExportUsage(ctx context.Context, since, until string) ([]byte, error) {
	return c.do(
		ctx, call{method: http.MethodGet, path: "/v1/usage.csv" + query("since", since, "until", until)},
	)
}
