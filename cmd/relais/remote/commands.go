package remote

// Commands call the HTTP API of a gateway.
type Commands struct {
	Send       sendCommand       `cmd:"" help:"Send one text to one or many recipients."`
	Batch      batchCommand      `cmd:"" help:"Send the messages of a file, each with a text of its own."`
	Preview    previewCommand    `cmd:"" help:"Tell what send would do, and why."`
	Status     statusCommand     `cmd:"" help:"A message and everything that happened to it."`
	Messages   messagesCommand   `cmd:"" help:"Search messages, newest first."`
	Cancel     cancelCommand     `cmd:"" help:"Cancel a message that is still queued."`
	Resolve    resolveCommand    `cmd:"" help:"Decide what became of a message in doubt."`
	Inbound    inboundCommand    `cmd:"" help:"Replies, and what a person decides about them."`
	OptOuts    optOutsCommand    `cmd:"" name:"opt-outs" help:"The suppression list: list, show, add, remove, import, export."`
	Templates  templatesCommand  `cmd:"" help:"Texts with fields: list, show, create, change, archive, restore, preview."`
	Campaign   campaignCommand   `cmd:"" help:"Campaigns, a text to each row of a table: create, check, start, watch, pause, resume, cancel, results, list, show."`
	Lists      listsCommand      `cmd:"" help:"People who get texts again and again: list, show, create, change, put, fill, refuse, entries, remove, drop."`
	Contacts   contactsCommand   `cmd:"" help:"Numbers with what is known of the person and what the person agreed to: list, show, add, change, consent, withdraw, drop."`
	Groups     groupsCommand     `cmd:"" help:"Contacts under a name: list, create, change, drop."`
	People     peopleCommand     `cmd:"" help:"What is stored of one number: export, erase."`
	Audit      auditCommand      `cmd:"" help:"Who exported or erased a person, newest first."`
	Webhooks   webhooksCommand   `cmd:"" help:"Webhooks: create, list, change, delete, enable, disable, test, deliveries, delivery, replay, rotate, secret."`
	Connectors connectorsCommand `cmd:"" help:"Connectors: list, pause, resume, reassign what waits for one."`
	SMPP       smppCommand       `cmd:"" name:"smpp" help:"SMPP: trace, what the sessions of a connector say."`
	Events     eventsCommand     `cmd:"" help:"What happened, oldest first: the feed that webhooks carry."`
}

// Names are those of the commands that the help has a group of their own.
var Names = []string{
	"send", "batch", "preview", "status", "messages", "cancel", "resolve", "inbound", "opt-outs", "templates", "campaign",
	"lists", "contacts", "groups", "people", "audit", "webhooks", "events",
}
