// Package local holds the commands that work on the machine of a gateway: on its
// configuration, its database and its operators' accounts, whether it runs or not. Each
// lives in the file named after it.
package local

// Commands work on the machine of the gateway.
type Commands struct {
	Accounts  accountsCommand  `cmd:"" help:"Accounts (tenants): create, list. Works on the database, also while the gateway runs."`
	Keys      keysCommand      `cmd:"" help:"API keys: create, list, limit, revoke. Works on the database, also while the gateway runs."`
	Users     usersCommand     `cmd:"" help:"People who sign in to the console: create, list, roles, reset, disable. Works on the database, also while the gateway runs."`
	Receipts  receiptsCommand  `cmd:"" help:"Receipts that no message is known by. Works on the database, also while the gateway runs."`
	Usage     usageCommand     `cmd:"" help:"What each account used, month by month: messages, segments, price. Works on the database, also while the gateway runs."`
	Shadow    shadowCommand    `cmd:"" help:"What doors compared with the gateways that they are to replace. Works on the database, also while the gateway runs."`
	Config    configCommand    `cmd:"" help:"The configuration: check, example."`
	Reload    reloadCommand    `cmd:"" help:"Have the gateway on this machine read its configuration anew, without a restart."`
	Import    importCommand    `cmd:"" help:"Take over what another gateway knew: Passerelle."`
	Backup    backupCommand    `cmd:"" help:"Copy the database and its key, also while the gateway runs."`
	SealKey   sealKeyCommand   `cmd:"" name:"seal-key" help:"The key that seals secrets in the database: replace."`
	Hash      hashCommand      `cmd:"" help:"Read a password, and write its hash: what the configuration may have in its place for clients that speak SMPP."`
	Migrate   migrateCommand   `cmd:"" help:"Bring the database's schema up to date."`
	Doctor    doctorCommand    `cmd:"" help:"Check the machine, the database and each connector; sends no message."`
	Callbacks callbacksCommand `cmd:"" help:"The address that each operator is to call, with its secret."`
	Connector connectorCommand `cmd:"" help:"Declarations of operators that have an HTTP API: test, preset."`
	OVH       ovhCommand       `cmd:"" name:"ovh" help:"OVHcloud: obtain the connector's key, set its callbacks."`
}
