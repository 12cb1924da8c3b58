package connector

import "context"

type paceKey struct{}

// Paced returns a context in which Exchange waits for its turn before each
// request. The lane that calls Submit has waited already; every other call is
// made with such a context, so that together they keep the operator's rate.
func Paced(ctx context.Context, turn func(context.Context) error) context.Context {
	return context.WithValue(ctx, paceKey{}, turn)
}

// await waits for the turn of a request.
func await(ctx context.Context) error {
	turn, paced := ctx.Value(paceKey{}).(func(context.Context) error)
	if !paced {
		return nil
	}
	return turn(ctx)
}
