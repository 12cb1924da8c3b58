package main

// clientCommands call the HTTP API of a gateway.
type clientCommands struct {
	Send     sendCommand     `cmd:"" help:"Send one text to one or many recipients."`
	Preview  previewCommand  `cmd:"" help:"Tell what send would do, and why."`
	Status   statusCommand   `cmd:"" help:"A message and everything that happened to it."`
	Messages messagesCommand `cmd:"" help:"Search messages, newest first."`
	Cancel   cancelCommand   `cmd:"" help:"Cancel a message that is still queued."`
}

// administrationCommands work on the machine of the gateway.
type administrationCommands struct {
	Accounts accountsCommand `cmd:"" help:"Accounts (tenants): create, list. Works on the database, also while the gateway runs."`
	Keys     keysCommand     `cmd:"" help:"API keys: create, list, revoke. Works on the database, also while the gateway runs."`
	Config   configCommand   `cmd:"" help:"The configuration: check, example."`
	Migrate  migrateCommand  `cmd:"" help:"Bring the database's schema up to date."`
	Doctor   doctorCommand   `cmd:"" help:"Check the machine, the database and each connector; sends no message."`
	OVH      ovhCommand      `cmd:"" name:"ovh" help:"OVHcloud: obtain the connector's key."`
}
