package smpp

import (
	"context"
	"crypto/tls"
	"fmt"
	"maps"
	"net"
	"slices"

	"relais/config/section"
	"relais/connector"
	"relais/door"
	"relais/reason"
	"relais/sms"
	"relais/webhook"
)

// Provider is the door's entry in the application's table.
func Provider() door.Provider {
	table := Table()
	return door.Provider{Name: "smpp", Table: &table, Open: open}
}

func open(ctx context.Context, env *door.Env) (opened door.Opened, err error) {
	sections := section.Of[Section](env.Sections["smpp"])
	place := door.Place{For: "SMPP"}
	if e := env.Everybody; e != nil {
		if sections[e.User] == nil {
			sections[e.User] = defaults()
			sections[e.User].Password, sections[e.User].Account = connector.Secret(e.Password), e.Account
		}
		if sections[e.User].Password.Reveal() == e.Password {
			place.Credentials = []string{"system_id=" + e.User, "password=" + e.Password}
		}
	}
	store, err := door.StoreOf[Store](env)
	if err != nil {
		return opened, err
	}
	clients := map[string]Client{}
	for _, name := range slices.Sorted(maps.Keys(sections)) {
		if err := env.CheckAccount(ctx, "smpp", name, sections[name].Account); err != nil {
			return opened, err
		}
		clients[name] = sections[name].client()
	}
	ports, err := listen(ctx, env, len(clients), &place)
	if err != nil {
		return opened, err
	}
	d := New(Options{
		Gateway: env.Gateway, Store: store, Clients: clients, Ports: ports, Endpoint: env.Webhooks.ForCarrier,
		Leads: env.Leads, Derive: env.Sealer.Derive, Changed: env.Webhooks.Changed, Metrics: NewMetrics(env.Metrics), Zone: env.Zone, Log: env.Log, Now: env.Now,
	})
	// What clients are told waits for them where the door is closed as well: another node may
	// listen, or this one after its next configuration.
	opened.Carriers, opened.ReplyEndpoints = map[string]webhook.Carrier{Format: d}, d.ReplyEndpoints
	if len(ports) > 0 {
		opened.Listener, opened.Places = d, []door.Place{place}
	}
	return opened, nil
}

// listen opens the ports where there are clients, and tells where they are.
func listen(ctx context.Context, env *door.Env, clients int, place *door.Place) (ports []net.Listener, err error) {
	if clients == 0 {
		return nil, nil
	}
	if at := env.SMPP.Listen; at != "" {
		port, err := env.Listen(ctx, at)
		if err != nil {
			return nil, err
		}
		ports = append(ports, port)
		place.Address = scheme + port.Addr().String()
	}
	if at := env.SMPP.TLS; at != "" {
		settings, err := tlsSettings(env.SMPP.Certificate, env.SMPP.Key)
		if err != nil {
			return nil, err
		}
		port, err := env.Listen(ctx, at)
		if err != nil {
			return nil, err
		}
		ports = append(ports, tls.NewListener(port, settings))
		if place.Address == "" {
			place.Address = "smpp+tls://" + port.Addr().String()
		}
	}
	return ports, nil
}

func tlsSettings(certificate, key string) (*tls.Config, error) {
	pair, err := tls.LoadX509KeyPair(certificate, key)
	if err != nil {
		return nil, reason.At("[smpp_tls]", reason.Wrap(fmt.Errorf("read the certificate: %w", err), whyCertificate, nil))
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, nil
}

func (s *Section) client() Client {
	return Client{
		Password: s.Password.Reveal(), Account: s.Account, AllowFrom: door.Networks(s.AllowFrom),
		MaxBinds: s.MaxBinds, Window: s.Window, Rate: s.Rate, Alphabet: alphabets[s.Alphabet], UUIDs: s.IDs == idUUID,
		KeyTLV: s.KeyTLV, RepeatsWithin: s.RepeatsWithin, Receipts: s.Receipts, Replies: s.Replies, Sender: sms.Sender(s.Sender), National: s.Numbers == "national",
		Connector: s.Connector, Class: s.Class, UrgentClass: s.UrgentClass,
	}
}
