package main

// clientCommands call the HTTP API of a gateway.
type clientCommands struct {
	Send       sendCommand       `cmd:"" help:"Send one text to one or many recipients."`
	Batch      batchCommand      `cmd:"" help:"Send the messages of a file, each with a text of its own."`
	Preview    previewCommand    `cmd:"" help:"Tell what send would do, and why."`
	Status     statusCommand     `cmd:"" help:"A message and everything that happened to it."`
	Messages   messagesCommand   `cmd:"" help:"Search messages, newest first."`
	Cancel     cancelCommand     `cmd:"" help:"Cancel a message that is still queued."`
	Resolve    resolveCommand    `cmd:"" help:"Decide what became of a message in doubt."`
	Inbound    inboundCommand    `cmd:"" help:"Replies, and what a person decides about them."`
	OptOuts    optOutsCommand    `cmd:"" name:"opt-outs" help:"The suppression list: list, show, add, remove, import, export."`
	People     peopleCommand     `cmd:"" help:"What is stored of one number: export, erase."`
	Audit      auditCommand      `cmd:"" help:"Who exported or erased a person, newest first."`
	Webhooks   webhooksCommand   `cmd:"" help:"Webhooks: create, list, delete, enable, deliveries, replay, rotate, secret."`
	Connectors connectorsCommand `cmd:"" help:"Connectors: list, reassign what waits for one."`
	Events     eventsCommand     `cmd:"" help:"What happened, oldest first: the feed that webhooks carry."`
}

// clientNames are those of clientCommands, in the help a group of their own.
var clientNames = []string{
	"send", "batch", "preview", "status", "messages", "cancel", "resolve", "inbound", "opt-outs", "people", "audit", "webhooks", "events",
}

// administrationCommands work on the machine of the gateway.
type administrationCommands struct {
	Accounts  accountsCommand  `cmd:"" help:"Accounts (tenants): create, list. Works on the database, also while the gateway runs."`
	Keys      keysCommand      `cmd:"" help:"API keys: create, list, revoke. Works on the database, also while the gateway runs."`
	Receipts  receiptsCommand  `cmd:"" help:"Receipts that no message is known by. Works on the database, also while the gateway runs."`
	Usage     usageCommand     `cmd:"" help:"What each account used, month by month: messages, segments, price. Works on the database, also while the gateway runs."`
	Shadow    shadowCommand    `cmd:"" help:"What doors compared with the gateways that they are to replace. Works on the database, also while the gateway runs."`
	Config    configCommand    `cmd:"" help:"The configuration: check, example."`
	Import    importCommand    `cmd:"" help:"Take over what another gateway knew: Passerelle."`
	Backup    backupCommand    `cmd:"" help:"Copy the database and its key, also while the gateway runs."`
	SealKey   sealKeyCommand   `cmd:"" name:"seal-key" help:"The key that seals secrets in the database: replace."`
	Migrate   migrateCommand   `cmd:"" help:"Bring the database's schema up to date."`
	Doctor    doctorCommand    `cmd:"" help:"Check the machine, the database and each connector; sends no message."`
	Callbacks callbacksCommand `cmd:"" help:"The address that each operator is to call, with its secret."`
	OVH       ovhCommand       `cmd:"" name:"ovh" help:"OVHcloud: obtain the connector's key, set its callbacks."`
}
