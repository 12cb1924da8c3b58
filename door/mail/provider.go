package mail

import (
	"context"
	"crypto/tls"
	"fmt"
	"maps"
	"net"
	"slices"

	"relais/auth"
	"relais/config/section"
	"relais/connector"
	"relais/door"
	"relais/reason"
	"relais/sms"
	"relais/webhook"
)

// usualPort is where everybody sends mail to beside simulated operators.
const usualPort = "2525"

// Provider is the door's entry in the application's table.
func Provider() door.Provider {
	table := Table()
	return door.Provider{Name: Format, Table: &table, Open: open}
}

func open(ctx context.Context, env *door.Env) (opened door.Opened, err error) {
	keys, err := door.StoreOf[auth.Store](env)
	if err != nil {
		return opened, err
	}
	sections := section.Of[Section](env.Sections["smtp"])
	fixed := map[string]auth.Key{}
	var credentials []string
	if e := env.Everybody; e != nil {
		credentials = letIn(e, sections)
		fixed[e.Key] = auth.Key{ID: e.Key, Account: e.Account, Name: e.Key}
	}
	o := Options{
		Gateway: env.Gateway, Keys: auth.NewKeeper(keys, fixed, env.Now), Log: env.Log.With("part", "mail door"), Now: env.Now,
	}
	for _, name := range slices.Sorted(maps.Keys(sections)) {
		s := sections[name]
		for _, one := range slices.Sorted(maps.Keys(s.Clients)) {
			if err := env.CheckAccount(ctx, "smtp."+name+".client", one, s.Clients[one].Account); err != nil {
				return opened, err
			}
		}
		server, err := s.open(ctx, env, name)
		if err != nil {
			return opened, err
		}
		o.Servers = append(o.Servers, server)
		opened.Places = append(opened.Places, server.places(credentials, env.Everybody)...)
	}
	if o.Store, err = door.StoreOf[Store](env); err != nil {
		return opened, err
	}
	o.Metrics, o.Endpoint, o.Post, o.Language = NewMetrics(env.Metrics), env.Webhooks.ForCarrier, env.Post, env.Language
	if len(o.Servers) == 0 {
		return opened, nil
	}
	d := New(o)
	opened.Listener, opened.Carriers, opened.ReplyEndpoints = d, map[string]webhook.Carrier{Format: d}, d.ReplyEndpoints
	if env.Post == nil && d.tells() {
		env.Log.Warn("receipts and replies are not told by mail: the configuration has no server in [mail]", "door", Format)
	}
	return opened, nil
}

// letIn adds a server for everybody, and tells the credentials. What the configuration has under its name stays.
func letIn(e *door.Everybody, sections map[string]*Section) (credentials []string) {
	if sections[e.User] != nil {
		return nil
	}
	s := defaults()
	s.Listen = e.Port(usualPort)
	s.Clients = map[string]ClientSection{e.User: {Account: e.Account, Password: connector.Secret(e.Password)}}
	sections[e.User] = s
	return []string{"username=" + e.User, "password=" + e.Password, "to=NUMBER@sms"}
}

// open listens at the addresses of a section.
func (s *Section) open(ctx context.Context, env *door.Env, name string) (server Server, err error) {
	server = Server{Name: name, Hostname: s.Hostname, Clients: map[string]Client{}, Aliases: map[string][]string{}, MaxSize: int64(s.MaxSize)}
	for one, c := range s.Clients {
		server.Clients[one] = c.client()
	}
	for one, a := range s.Aliases {
		server.Aliases[one] = a.Numbers
	}
	if s.Certificate != "" {
		pair, err := tls.LoadX509KeyPair(s.Certificate, s.Key)
		if err != nil {
			return server, reason.At("[smtp."+name+"]", reason.Wrap(fmt.Errorf("read the certificate: %w", err), whyCertificate, nil))
		}
		server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	}
	for at, port := range map[string]*net.Listener{s.Listen: &server.Clear, s.TLS: &server.Secure} {
		if at == "" {
			continue
		}
		if *port, err = env.Listen(ctx, at); err != nil {
			return server, err
		}
	}
	return server, nil
}

// places are where the server is; credentials are those that everybody knows.
func (s *Server) places(credentials []string, everybody *door.Everybody) (all []door.Place) {
	if everybody == nil || s.Name != everybody.User {
		credentials = nil
	}
	if s.Clear != nil {
		all = append(all, door.Place{For: "Mail", Address: "smtp://" + s.Clear.Addr().String(), Credentials: credentials})
	}
	if s.Secure != nil {
		all = append(all, door.Place{For: "Mail", Address: "smtps://" + s.Secure.Addr().String(), Credentials: credentials})
	}
	return all
}

func (c *ClientSection) client() Client {
	return Client{
		Account: c.Account, Password: c.Password.Reveal(), Networks: door.Networks(c.Networks), Senders: c.Senders, Domains: c.Domains,
		Text: c.Text, CutAt: c.CutAt, Automatic: c.Automatic, Receipts: c.Receipts, Replies: c.Replies, Sender: sms.Sender(c.Sender), Connector: c.Connector, Class: c.Class,
		Region: c.DefaultRegion,
	}
}
