package main

// helpInFrench has the French sentences of the help, by the English ones. A test asks
// for every one.
var helpInFrench = func() map[string]string {
	french := make(map[string]string, len(helpSentences))
	for _, s := range helpSentences {
		french[s.english] = s.french
	}
	return french
}()

var helpSentences = []struct{ english, french string }{
	{
		description,
		"Une seule API devant tous les opérateurs de SMS : aucun message perdu, aucun envoyé deux fois, et pour chacun une réponse à « pourquoi ? ».",
	},

	{"Show context-sensitive help.", "Afficher cette aide."},
	{"Version, commit and Go version.", "Version, commit et version de Go."},
	{"Run the gateway.", "Faire tourner la passerelle."},
	{"Configuration file (TOML).", "Fichier de configuration (TOML)."},
	{"Address of the API (default 127.0.0.1:8080).", "Adresse de l'API (par défaut 127.0.0.1:8080)."},
	{
		"Database URL; default: SQLite in --data.",
		"URL de la base de données ; par défaut : SQLite dans --data.",
	},
	{"Data directory (default ./relais-data).", "Répertoire de données (par défaut ./relais-data)."},
	{
		"Address of the simulated operators (default 127.0.0.1:8081).",
		"Adresse des opérateurs simulés (par défaut 127.0.0.1:8081).",
	},
	{
		"Like --sandbox, with simulated operators that run at URL.",
		"Comme --sandbox, avec des opérateurs simulés qui tournent à URL.",
	},
	{"Run the simulated operators alone.", "Faire tourner les opérateurs simulés seuls."},
	{"Address.", "Adresse."},
	{"Print routes and credentials as JSON.", "Afficher les routes et les identifiants en JSON."},
	{"End with the result instead of staying up.", "S'arrêter sur le résultat au lieu de rester en marche."},
	{
		"With --once: print the result as JSON, and nothing else.",
		"Avec --once : afficher le résultat en JSON, et rien d'autre.",
	},
	{"Print JSON; the table goes to stderr.", "Afficher du JSON ; le tableau va sur la sortie d'erreur."},
	{"Length of one measurement.", "Durée d'une mesure."},
	{"Bars to measure, separated by commas.", "Mesures à faire, séparées par des virgules."},
	{
		"Leave a CPU profile of every server in DIR.",
		"Laisser un profil du processeur de chaque serveur dans DIR.",
	},
	{"For the processes that bench starts.", "Pour les processus que bench démarre."},
	{"Send one text to one or many recipients.", "Envoyer un texte à un ou plusieurs destinataires."},
	{"Address of the gateway.", "Adresse de la passerelle."},
	{"Print JSON.", "Afficher du JSON."},
	{
		"Sender; default: the account's, else the connector's.",
		"Expéditeur ; par défaut celui du compte, sinon celui du connecteur.",
	},
	{
		"otp, transactional or marketing; default: the account's.",
		"otp, transactional ou marketing ; par défaut celle du compte.",
	},
	{
		"Connector to send through; default: the account's.",
		"Connecteur par lequel envoyer ; par défaut celui du compte.",
	},
	{"Reference of your own, to search by.", "Référence à vous, pour retrouver le message."},
	{"Give up after, from --send-at: 15m, 48h.", "Abandonner au bout de, à partir de --send-at : 15m, 48h."},
	{"How long --wait waits.", "Combien de temps --wait attend."},
	{
		"Print the ids of the messages, one a line, and nothing else.",
		"Afficher les identifiants des messages, un par ligne, et rien d'autre.",
	},
	{
		"Send the messages of a file, each with a text of its own.",
		"Envoyer les messages d'un fichier, chacun avec son texte.",
	},
	{"Tell what send would do, and why.", "Dire ce que send ferait, et pourquoi."},
	{
		"As if it were asked for then: a time as for --send-at.",
		"Comme si la demande venait à ce moment : une date comme pour --send-at.",
	},
	{"A message and everything that happened to it.", "Un message et tout ce qui lui est arrivé."},
	{
		"Stay, and print what happens until the message has ended.",
		"Rester, et afficher ce qui arrive jusqu'à la fin du message.",
	},
	{"The message's id.", "L'identifiant du message."},
	{"Search messages, newest first.", "Chercher des messages, les plus récents d'abord."},
	{"Only to this number.", "Seulement vers ce numéro."},
	{"Only in this status.", "Seulement dans cet état."},
	{"Only of this class.", "Seulement de cette classe."},
	{"Only through this connector.", "Seulement par ce connecteur."},
	{"Only with this reference.", "Seulement avec cette référence."},
	{"Only accepted before.", "Seulement acceptés avant."},
	{"Most messages to show.", "Messages à afficher au plus."},
	{"Go on after an earlier list.", "Continuer après une liste précédente."},
	{"Cancel a message that is still queued.", "Annuler un message encore en attente."},
	{"Decide what became of a message in doubt.", "Décider ce qu'est devenu un message incertain."},
	{"Replies, newest first.", "Les réponses, les plus récentes d'abord."},
	{
		"Replies, and what a person decides about them.",
		"Les réponses, et ce qu'une personne décide à leur sujet.",
	},
	{
		"Only with this intent: reply, stop, start or unsure.",
		"Seulement avec cette intention : reply, stop, start ou unsure.",
	},
	{
		"Only those that may be a STOP and wait for a person.",
		"Seulement celles qui sont peut-être un STOP et attendent une personne.",
	},
	{"Decide whether a reply is a STOP.", "Décider si une réponse est un STOP."},
	{"The reply's id.", "L'identifiant de la réponse."},
	{
		"stop: the person wants no more marketing; reply: it was a mere reply.",
		"stop : la personne ne veut plus de publicité ; reply : c'était une simple réponse.",
	},
	{"Only from this number.", "Seulement de ce numéro."},
	{"Only answers to this message.", "Seulement les réponses à ce message."},
	{"Most replies to show, up to 1000.", "Réponses à afficher au plus, jusqu'à 1000."},
	{
		"The suppression list: list, show, add, remove, import, export.",
		"La liste d'opposition : list, show, add, remove, import, export.",
	},
	{"The list, by number.", "La liste, par numéro."},
	{"Most entries to show, up to 1000.", "Entrées à afficher au plus, jusqu'à 1000."},
	{
		"Whether a number gets marketing, and the proof of every change.",
		"Si un numéro reçoit de la publicité, et la preuve de chaque changement.",
	},
	{
		"The number, E.164 or as dialled in the account's country.",
		"Le numéro, en E.164 ou comme on le compose dans le pays du compte.",
	},
	{"Put a number on the list.", "Inscrire un numéro sur la liste."},
	{"Stop this sender alone.", "N'arrêter que cet expéditeur."},
	{"Kept with the proof.", "Conservé avec la preuve."},
	{
		"Take a number off the list, with the person's consent.",
		"Retirer un numéro de la liste, avec l'accord de la personne.",
	},
	{"For this sender alone.", "Pour cet expéditeur seulement."},
	{"Add the numbers of a CSV file.", "Ajouter les numéros d'un fichier CSV."},
	{
		"Say what would be added and what cannot be read; add nothing.",
		"Dire ce qui serait ajouté et ce qui est illisible ; ne rien ajouter.",
	},
	{"Print the whole list as CSV.", "Afficher toute la liste en CSV."},
	{"What is stored of one number: export, erase.", "Ce qui est conservé d'un numéro : export, erase."},
	{
		"Print everything that is stored of a number, as JSON.",
		"Afficher en JSON tout ce qui est conservé d'un numéro.",
	},
	{"Erase what is stored of a number.", "Effacer ce qui est conservé d'un numéro."},
	{"Do not ask.", "Ne pas demander."},
	{
		"Who exported or erased a person, newest first.",
		"Qui a exporté ou effacé une personne, le plus récent d'abord.",
	},
	{"Only of this number.", "Seulement de ce numéro."},
	{
		"Register an address; standard output gets its secret, this once.",
		"Enregistrer une adresse ; la sortie standard reçoit son secret, cette seule fois.",
	},
	{"Types of event; without it all of them.", "Types d'événements ; sans cela, tous."},
	{
		"http or https address that events are sent to.",
		"Adresse http ou https où les événements sont envoyés.",
	},
	{"The account's webhooks.", "Les webhooks du compte."},
	{"Delete a webhook and what waits for it.", "Supprimer un webhook et ce qui attend pour lui."},
	{
		"The webhook's id, as webhooks list shows it.",
		"L'identifiant du webhook, tel que le montre webhooks list.",
	},
	{
		"Make a quarantined or disabled webhook active.",
		"Remettre en service un webhook en quarantaine ou désactivé.",
	},
	{"The log of a webhook, newest first.", "Le journal d'un webhook, le plus récent d'abord."},
	{
		"Only in this state: pending, delivered or failed.",
		"Seulement dans cet état : pending, delivered ou failed.",
	},
	{"Most deliveries to show, up to 1000.", "Livraisons à afficher au plus, jusqu'à 1000."},
	{"Deliver events again.", "Livrer des événements à nouveau."},
	{"One event, such as evt_42.", "Un seul événement, comme evt_42."},
	{
		"Those of a state: failed (the default), delivered or pending.",
		"Ceux d'un état : failed (par défaut), delivered ou pending.",
	},
	{
		"What happened, oldest first: the feed that webhooks carry.",
		"Ce qui est arrivé, le plus ancien d'abord : le fil que portent les webhooks.",
	},
	{"Only these types of event.", "Seulement ces types d'événements."},
	{"Most events of one list, up to 1000.", "Événements d'une liste au plus, jusqu'à 1000."},
	{
		"Stay and print what comes, one JSON object a line.",
		"Rester et afficher ce qui vient, un objet JSON par ligne.",
	},
	{"Create an account.", "Créer un compte."},
	{"Name: a-z, 0-9, dot, dash and underscore.", "Nom : a-z, 0-9, point, tiret et souligné."},
	{"List the accounts.", "Donner la liste des comptes."},
	{
		"Make an API key; standard output gets the key and nothing else.",
		"Créer une clé d'API ; la sortie standard reçoit la clé et rien d'autre.",
	},
	{"Account that the key acts for.", "Compte pour lequel la clé agit."},
	{
		"A login for http2sms: prints its password.",
		"Un identifiant pour http2sms : affiche son mot de passe.",
	},
	{"List the keys, without their secrets.", "Donner la liste des clés, sans leurs secrets."},
	{"The key's id, as keys list shows it.", "L'identifiant de la clé, tel que le montre keys list."},
	{
		"Let a consumer key work that an OVH client asked for.",
		"Autoriser une clé de consommateur qu'un client d'OVH a demandée.",
	},
	{
		"How long the key works. Default: for ever.",
		"Combien de temps la clé fonctionne. Par défaut : toujours.",
	},
	{"Say no instead.", "Refuser au contraire."},
	{"Most receipts to show.", "Accusés à afficher au plus."},
	{
		"First month, as 2026-01; default: the last one.",
		"Premier mois, comme 2026-01 ; par défaut le mois dernier.",
	},
	{"Last month, counted too; default: this month.", "Dernier mois, compté aussi ; par défaut ce mois."},
	{"Only this account.", "Seulement ce compte."},
	{"Print CSV.", "Afficher du CSV."},
	{"Most requests to show one by one.", "Requêtes à afficher une à une au plus."},
	{"The configuration: check, example.", "La configuration : check, example."},
	{
		"Print a commented example with every option.",
		"Afficher un exemple commenté avec toutes les options.",
	},
	{
		"Take over what another gateway knew: Passerelle.",
		"Reprendre ce qu'une autre passerelle savait : Passerelle.",
	},
	{"The export (JSON).", "L'export (JSON)."},
	{
		"Copy the database and its key, also while the gateway runs.",
		"Copier la base de données et sa clé, même passerelle en marche.",
	},
	{
		"Directory that gets the copy; made when it is missing.",
		"Répertoire qui reçoit la copie ; créé s'il manque.",
	},
	{"Connectors: list, reassign what waits for one.", "Connecteurs : list, reassign ce qui attend."},
	{
		"The connectors: state, and what waits for them.",
		"Les connecteurs : leur état, et ce qui les attend.",
	},
	{
		"Give the account's queued messages of a connector, also of one that is gone, to another.",
		"Donner à un autre les messages du compte en attente d'un connecteur, même disparu.",
	},
	{
		"The connector that they wait for; it need not be configured any more.",
		"Le connecteur qu'ils attendent ; il peut ne plus être configuré.",
	},
	{"The connector that gets them.", "Le connecteur qui les reçoit."},
	{
		"The key that seals secrets in the database: replace.",
		"La clé qui scelle les secrets de la base de données : replace.",
	},
	{"Bring the database's schema up to date.", "Mettre à jour le schéma de la base de données."},
	{"Most time for one connector.", "Temps accordé à un connecteur, au plus."},
	{
		"The address that each operator is to call, with its secret.",
		"L'adresse que chaque opérateur doit appeler, avec son secret.",
	},
	{
		"OVHcloud: obtain the connector's key, set its callbacks.",
		"OVHcloud : obtenir la clé du connecteur, régler ses rappels.",
	},
	{"Address of the API.", "Adresse de l'API."},
	{"SMS account, when the customer has several.", "Compte SMS, quand le client en a plusieurs."},
	{"Name of the connector in the configuration.", "Nom du connecteur dans la configuration."},
	{
		"Ask for the right to set the account's callbacks too.",
		"Demander aussi le droit de régler les rappels du compte.",
	},
	{"How long to wait for the consent.", "Combien de temps attendre l'accord."},
	{
		"Make OVH call this gateway with receipts, replies and STOPs.",
		"Faire appeler cette passerelle par OVH pour les accusés, réponses et STOP.",
	},
	{"Name of the connector, when several are OVH's.", "Nom du connecteur, quand plusieurs sont d'OVH."},
	{"Show what is set and change nothing.", "Montrer ce qui est réglé et ne rien changer."},
	{"Remove the callbacks.", "Retirer les rappels."},
	{"The help of a command; without one, this list.", "L'aide d'une commande ; sans elle, cette liste."},
	{"The command.", "La commande."},
	{"bash, zsh or fish.", "bash, zsh ou fish."},

	{
		"Run simulated operators in the same process; connectors ovh and sfr, API key \"sandbox\".",
		"Faire tourner des opérateurs simulés dans le même processus ; connecteurs ovh et sfr, clé d'API « sandbox ».",
	},
	{
		"Send a first SMS through each simulated operator and show every step.",
		"Envoyer un premier SMS par chaque opérateur simulé et montrer chaque étape.",
	},
	{
		"Load this gateway and a bare HTTP handler in one run, and compare.",
		"Charger cette passerelle et un simple serveur HTTP dans la même mesure, et comparer.",
	},
	{
		"Measure PostgreSQL too; URL of a database whose user may make others.",
		"Mesurer aussi PostgreSQL ; URL d'une base dont l'utilisateur peut en créer d'autres.",
	},
	{
		"File that holds the API key; without it RELAIS_KEY, then RELAIS_KEY_FILE.",
		"Fichier qui contient la clé d'API ; sinon RELAIS_KEY, puis RELAIS_KEY_FILE.",
	},
	{
		"Recipients, separated by commas; @FILE reads a list, - standard input: one a line or between commas, # begins a comment. May be repeated.",
		"Destinataires, séparés par des virgules ; @FICHIER lit une liste, - l'entrée standard : un par ligne ou entre virgules, # commence un commentaire. Peut être répété.",
	},
	{
		"The text; - reads it from standard input, without its last line end.",
		"Le texte ; - le lit sur l'entrée standard, sans sa dernière fin de ligne.",
	},
	{
		"Not before: RFC 3339, \"2026-03-01 09:30\" in local time, or how far ahead: 2h.",
		"Pas avant : RFC 3339, « 2026-03-01 09:30 » en heure locale, ou dans combien de temps : 2h.",
	},
	{
		"Equal keys make equal requests one, so that a second run sends nothing twice. Default: a fresh key.",
		"Des clés égales font une seule demande de demandes égales : un second lancement n'envoie rien deux fois. Par défaut : une clé neuve.",
	},
	{
		"Wait for the operator's answer; one that is not a yes fails the command.",
		"Attendre la réponse de l'opérateur ; si ce n'est pas oui, la commande échoue.",
	},
	{
		"Equal keys make equal files one, and let one that broke off go on; default: a fresh key.",
		"Des clés égales font un seul envoi de fichiers égaux, et reprennent celui qui s'est interrompu ; par défaut : une clé neuve.",
	},
	{
		"JSON lines: on each an object as POST /v1/messages takes; - reads standard input.",
		"Lignes JSON : sur chacune un objet tel que POST /v1/messages le prend ; - lit l'entrée standard.",
	},
	{
		"Only with this value of one key of the metadata; --since bounds the time that it takes.",
		"Seulement avec cette valeur d'une clé des métadonnées ; --since borne le temps que cela prend.",
	},
	{
		"Only accepted since: a date as for send --send-at, or how long ago: 24h.",
		"Seulement acceptés depuis : une date comme pour send --send-at, ou depuis combien de temps : 24h.",
	},
	{
		"Stay, and show every second what is new or has changed: on a terminal the whole list, elsewhere one message a line.",
		"Rester, et montrer chaque seconde ce qui est nouveau ou a changé : toute la liste sur un terminal, ailleurs un message par ligne.",
	},
	{
		"taken: the operator has it; not_taken: it is sent again; given_up: it ends.",
		"taken : l'opérateur l'a ; not_taken : il est renvoyé ; given_up : il est abandonné.",
	},
	{
		"UTF-8, one number a line, or CSV with columns named number and sender; - is standard input, # begins a comment.",
		"UTF-8, un numéro par ligne, ou CSV avec des colonnes number et sender ; - est l'entrée standard, # commence un commentaire.",
	},
	{
		"Cancel messages that are queued first; otherwise they are a reason to refuse.",
		"Annuler d'abord les messages en attente ; sinon ils sont un motif de refus.",
	},
	{
		"Forget the number in the suppression list too: it may get marketing again.",
		"Oublier aussi le numéro dans la liste d'opposition : il pourra recevoir de la publicité.",
	},
	{
		"Webhooks: create, list, delete, enable, deliveries, replay, rotate, secret.",
		"Les webhooks : create, list, delete, enable, deliveries, replay, rotate, secret.",
	},
	{
		"Of events since: a date as for send --send-at, or how long ago: 24h.",
		"Des événements depuis : une date comme pour send --send-at, ou depuis combien de temps : 24h.",
	},
	{
		"The secret that signs for addresses which submissions and rules name.",
		"Le secret qui signe pour les adresses que nomment les envois et les règles.",
	},
	{"Make another secret.", "Créer un autre secret."},
	{
		"Give a webhook a new secret; the one before signs too for a while.",
		"Donner un nouveau secret à un webhook ; le précédent signe encore quelque temps.",
	},
	{
		"How long the secret before signs too, up to 168h; 0s: it signs no more.",
		"Combien de temps le secret précédent signe encore, jusqu'à 168h ; 0s : plus du tout.",
	},
	{
		"Go on from the next of an earlier list; without it from the oldest that is kept.",
		"Continuer au next d'une liste précédente ; sinon au plus ancien conservé.",
	},
	{
		"Accounts (tenants): create, list. Works on the database, also while the gateway runs.",
		"Les comptes : create, list. Agit sur la base de données, même passerelle en marche.",
	},
	{
		"API keys: create, list, revoke. Works on the database, also while the gateway runs.",
		"Les clés d'API : create, list, revoke. Agit sur la base de données, même passerelle en marche.",
	},
	{
		"What uses it: shown in lists and timelines. Required, unless it is a login of http2sms.",
		"Ce qui l'utilise : montré dans les listes et les chronologies. Obligatoire, sauf pour un identifiant http2sms.",
	},
	{
		"Keys for a client of OVHcloud's API: prints application key, secret and consumer key.",
		"Des clés pour un client de l'API d'OVHcloud : affiche clé d'application, secret et clé de consommateur.",
	},
	{
		"With --ovh: a call that is granted, such as \"POST /sms/*\"; may be repeated. Default: every call.",
		"Avec --ovh : un appel accordé, comme « POST /sms/* » ; peut être répété. Par défaut : tous les appels.",
	},
	{
		"With --ovh or --http2sms: name of the SMS service that clients have configured. Default: sms-ACCOUNT-1.",
		"Avec --ovh ou --http2sms : nom du service SMS que les clients ont configuré. Par défaut : sms-COMPTE-1.",
	},
	{
		"Revoke a key or the application of an OVH client, or delete a login of http2sms.",
		"Révoquer une clé ou l'application d'un client d'OVH, ou supprimer un identifiant http2sms.",
	},
	{
		"credentialToken of the address that the client was given.",
		"Le credentialToken de l'adresse donnée au client.",
	},
	{
		"Receipts that no message is known by. Works on the database, also while the gateway runs.",
		"Les accusés dont on ne connaît pas le message. Agit sur la base de données, même passerelle en marche.",
	},
	{
		"What each account used, month by month: messages, segments, price. Works on the database, also while the gateway runs.",
		"Ce que chaque compte a consommé, mois par mois : messages, segments, prix. Agit sur la base de données, même passerelle en marche.",
	},
	{
		"What doors compared with the gateways that they are to replace. Works on the database, also while the gateway runs.",
		"Ce que les portes ont comparé avec les passerelles qu'elles doivent remplacer. Agit sur la base de données, même passerelle en marche.",
	},
	{
		"Only what was compared since: a date as for send --send-at, or how long ago: 24h. Default: all, which is 30 days.",
		"Seulement ce qui a été comparé depuis : une date comme pour send --send-at, ou depuis combien de temps : 24h. Par défaut : tout, soit 30 jours.",
	},
	{
		"Check the configuration and print the effective values with their origin.",
		"Vérifier la configuration et afficher les valeurs effectives avec leur origine.",
	},
	{
		"Instances, settings and rights of an export of Passerelle, as sections for the configuration file.",
		"Instances, réglages et droits d'un export de Passerelle, en sections pour le fichier de configuration.",
	},
	{
		"Write a new file, which only its owner can read, with the secrets. Without it the sections go to standard output, and the secrets stay out.",
		"Écrire un nouveau fichier, que seul son propriétaire peut lire, avec les secrets. Sinon les sections vont sur la sortie standard, et les secrets sont omis.",
	},
	{
		"Take a new seal key where the old one is lost for good; the gateway is stopped meanwhile.",
		"Prendre une nouvelle clé de scellement quand l'ancienne est perdue pour de bon ; la passerelle est arrêtée pendant ce temps.",
	},
	{
		"Check the machine, the database and each connector; sends no message.",
		"Contrôler la machine, la base de données et chaque connecteur ; n'envoie aucun message.",
	},
	{
		"Obtain a consumer key with exactly the rights that the connector needs.",
		"Obtenir une clé de consommateur avec exactement les droits dont le connecteur a besoin.",
	},
	{
		"Application key, from https://auth.eu.ovhcloud.com/api/createApp/.",
		"Clé d'application, de https://auth.eu.ovhcloud.com/api/createApp/.",
	},
	{
		"File that holds the application secret; without it RELAIS_OVH_APPLICATION_SECRET. Needed to wait for the consent and to test.",
		"Fichier qui contient le secret d'application ; sinon RELAIS_OVH_APPLICATION_SECRET. Nécessaire pour attendre l'accord et tester.",
	},
	{
		"Print a script that completes commands, flags and words in a shell.",
		"Afficher un script qui complète commandes, options et mots dans un shell.",
	},
}
