package api

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"relais/reason"
	"relais/sms"
	"relais/usage"
)

// Usage is what one key used of one class through one connector in a month.
type Usage struct {
	Month        string    `json:"month" doc:"of acceptance, in the time zone of the gateway" example:"2026-03"`
	Key          sms.Actor `json:"key" doc:"who sent, as the timeline names it" example:"api:forms"`
	Class        sms.Class `json:"class" enum:"otp,transactional,marketing" doc:"of the messages"`
	Connector    string    `json:"connector" doc:"the instance that sent it, or will"`
	Messages     int64     `json:"messages" doc:"accepted"`
	Sent         int64     `json:"sent" doc:"that the operator took"`
	Segments     int64     `json:"segments" doc:"of those sent"`
	Price        Price     `json:"price" doc:"of those sent, as far as it is known"`
	WithoutPrice int64     `json:"without_price" doc:"of those sent whose price is not known"`
	InDoubt      int64     `json:"in_doubt" doc:"that the operator may have taken; in none of the above but messages"`
}

// UsageList is what an account used, month by month.
type UsageList struct {
	Items []Usage `json:"items" doc:"by month, key, class and connector"`
}

const usageCSV = "/v1/usage.csv"

// usages show what was used.
type usages struct {
	failures
	reader  usage.Reader
	months  usage.Calendar
	gateway interface{ Currency() string }
}

func (h *usages) register(r *router) {
	huma.Register(r.api, huma.Operation{
		OperationID: "usage", Method: http.MethodGet, Path: "/v1/usage", Tags: []string{"usage"},
		Summary: "What the account used, month by month", Responses: r.answers(http.StatusOK, UsageList{}),
	}, h.list)
	r.mux.HandleFunc("GET "+usageCSV, h.export)
	export := r.answers(http.StatusOK, UsageList{})
	export["200"].Content = map[string]*huma.MediaType{"text/csv": {
		Schema: &huma.Schema{Type: huma.TypeString},
		Example: "month,account,key,class,connector,messages,sent,segments,price,currency,without_price,in_doubt\n" +
			"2026-03,town-hall,api:forms,otp,ovh,12,10,20,0.94,EUR,0,0\n",
	}}
	month := &huma.Schema{Type: huma.TypeString, Examples: []any{"2026-01"}}
	r.api.OpenAPI().AddOperation(&huma.Operation{
		OperationID: "export-usage", Method: http.MethodGet, Path: usageCSV, Tags: []string{"usage"},
		Summary: "The same as CSV", Responses: export,
		Parameters: []*huma.Param{
			{Name: "since", In: "query", Description: sinceMonth, Schema: month},
			{Name: "until", In: "query", Description: untilMonth, Schema: month},
		},
	})
}

const (
	sinceMonth = "first month; absent: the last one"
	untilMonth = "last month, counted too; absent: this month"
)

type usageInput struct {
	Since string `query:"since" doc:"first month; absent: the last one" example:"2026-01"`
	Until string `query:"until" doc:"last month, counted too; absent: this month" example:"2026-12"`
}

type usageOutput struct{ Body *UsageList }

func (h *usages) list(ctx context.Context, in *usageInput) (*usageOutput, error) {
	rows, err := h.used(ctx, in.Since, in.Until)
	if err != nil {
		return nil, err
	}
	list := &UsageList{Items: make([]Usage, len(rows))}
	for i := range rows {
		list.Items[i] = usageOf(&rows[i], h.gateway.Currency())
	}
	return &usageOutput{list}, nil
}

func usageOf(u *usage.Row, currency string) Usage {
	return Usage{
		Month: u.Month.Format("2006-01"), Key: u.Key, Class: u.Class, Connector: u.Connector,
		Messages: u.Messages, Sent: u.Sent, Segments: u.Segments,
		Price:        Price{Amount: u.Price.String(), Currency: currency},
		WithoutPrice: u.WithoutPrice, InDoubt: u.InDoubt,
	}
}

// used counts what the caller's account used. The error is a *refusal.
func (h *usages) used(ctx context.Context, since, until string) ([]usage.Row, error) {
	months, err := h.months.Months(since, until)
	if err != nil {
		return nil, badMonths(err, since)
	}
	rows, err := usage.Of(ctx, h.reader, callerOf(ctx).Account, months)
	if err != nil {
		return nil, h.unread(err)
	}
	return rows, nil
}

// badMonths says which month is wrong, and what would be right.
func badMonths(err error, since string) *refusal {
	name := "since"
	if errors.Is(err, usage.ErrMonth) {
		if _, wrong := time.Parse("2006-01", since); wrong == nil || since == "" {
			name = "until"
		}
		return badParameter(name, reason.Of(sayMonth, nil))
	}
	if errors.Is(err, usage.ErrOrder) {
		return badParameter(name, reason.Of(sayMonthOrder, nil))
	}
	return badParameter(name, reason.Of(sayMonthMany, reason.Args{"most": reason.Count(usage.MostMonths)}))
}

// export writes the same as CSV. It reads its parameters itself: the library
// does not register the route.
func (h *usages) export(w http.ResponseWriter, r *http.Request) {
	asked := r.URL.Query()
	rows, err := h.used(r.Context(), asked.Get("since"), asked.Get("until"))
	if err != nil {
		h.fail(err, nil).write(w, r)
		return
	}
	var file bytes.Buffer
	if err := usage.Write(&file, rows, h.gateway.Currency()); err != nil {
		h.fail(err, nil).write(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="usage.csv"`)
	w.Write(file.Bytes()) //nolint:errcheck // the client may have gone
}
