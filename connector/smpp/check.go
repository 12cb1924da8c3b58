package smpp

import (
	"context"
	"errors"
	"net"

	"relais/connector"
	"relais/reason"
	"relais/smpp"
)

// Check logs in and out again, unless sessions stand: an operator may allow no more.
func (i *instance) Check(ctx context.Context) []connector.Finding {
	findings := []connector.Finding{i.checkLogin(ctx)}
	if i.tls == nil && !connector.OnThisMachine("smpp://"+i.config.Address) {
		findings = append(findings, connector.Found(connector.Warning, "tls", reason.Of(foundClear, nil)))
	}
	return findings
}

func (i *instance) checkLogin(ctx context.Context) connector.Finding {
	i.mu.Lock()
	standing := i.open
	i.mu.Unlock()
	if standing > 0 {
		return connector.Found(connector.OK, "login", reason.Of(foundLive, reason.Args{"count": reason.Count(standing)}))
	}
	kind := smpp.CommandBindTransceiver
	if i.config.Bind == pair {
		kind = smpp.CommandBindTransmitter
	}
	s, err := i.bind(ctx, kind, refuse{})
	if err != nil {
		return notBound(err)
	}
	end, cancel := context.WithTimeout(ctx, drainTime)
	defer cancel()
	if err := s.conn.Unbind(end); err != nil {
		i.env.Log.Debug("the session of the check-up was not ended in order", "error", err)
	}
	<-s.done
	return connector.Found(connector.OK, "login", reason.Of(foundBound, reason.Args{"bind": reason.Name(kind.String())}))
}

func notBound(err error) connector.Finding {
	if status, ok := errors.AsType[*smpp.StatusError](err); ok {
		return connector.Found(connector.Failure, "login", reason.Of(foundRefused, reason.Args{
			"status": reason.Name(status.Status.String()),
		}))
	}
	why := err
	if network, ok := errors.AsType[*net.OpError](err); ok {
		why = network.Err
	}
	return connector.Found(connector.Failure, "connection", reason.Of(foundNoLine, reason.Args{
		"error": reason.Name(why.Error()),
	}))
}

// refuse is the sink of a session that only looks whether it can be opened: what comes by it is
// sent again.
type refuse struct{}

var errCheckup = errors.New("a check-up takes nothing")

func (refuse) Take(context.Context, connector.News) error { return errCheckup }
