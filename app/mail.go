package app

import (
	"context"

	"relais/config"
	"relais/door"
	"relais/mail"
	"relais/reason"
)

// mailSender sends by the server of the configuration.
func mailSender(c config.Mail) (*mail.Sender, error) {
	sender, err := mail.New(mail.Options{
		Server: c.Server, TLS: c.TLS, Username: c.Username, Password: c.Password.Reveal(), From: c.From, To: c.To,
	})
	if err != nil {
		return nil, reason.At("mail", err)
	}
	return sender, nil
}

// letters is how doors send mail; nil: the configuration has no server.
func letters(c config.Mail) (func(ctx context.Context, l door.Letter) error, error) {
	if c.Server == "" {
		return nil, nil
	}
	sender, err := mailSender(c)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, l door.Letter) error { return sender.Post(ctx, mail.Letter(l)) }, nil
}
