package main

import (
	"fmt"
	"strings"
)

// language is that of the sentences for people, and the gateway is asked for its own
// in it. Codes, statuses and the details that come from an operator stay as they are.
type language string

const (
	english language = "en"
	french  language = "fr"
)

// languageOf reads the locale as POSIX orders it (XBD 8.2): LC_ALL wins over
// LC_MESSAGES, which wins over LANG; a variable set to nothing counts as unset.
func languageOf(env func(string) (string, bool)) language {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		locale, _ := env(name)
		switch {
		case locale == "":
			continue
		case strings.HasPrefix(strings.ToLower(locale), string(french)):
			return french
		default:
			return english
		}
	}
	return english
}

// text is the phrase of that key in the language of the person.
func (t *terminal) text(key string, args ...any) string {
	p, known := phrases[key]
	if !known {
		panic("no phrase " + key) // a test reads every call
	}
	words := p.en
	if t.language == french {
		words = p.fr
	}
	if len(args) == 0 {
		return words
	}
	return fmt.Sprintf(words, args...)
}

// say writes a phrase as a line of standard error, where everything goes that
// is not the result.
func (t *terminal) say(key string, args ...any) {
	fmt.Fprintln(t.stderr, t.text(key, args...))
}

type phrase struct{ en, fr string }

// phrases is everything that the commands say.
var phrases = map[string]phrase{
	"usage_hint":    {"relais --help lists the commands.", "relais --help donne la liste des commandes."},
	"usage_hint_of": {"%s --help tells more.", "%s --help en dit plus."},

	"help_usage":              {"Usage:", "Utilisation :"},
	"help_arguments":          {"Arguments:", "Arguments :"},
	"help_commands":           {"Commands:", "Commandes :"},
	"help_flags":              {"Flags:", "Options :"},
	"help_run":                {"Run:", "Faire tourner :"},
	"help_client":             {"Send and follow, through a gateway that runs:", "Envoyer et suivre, par une passerelle en marche :"},
	"help_administration":     {"Look after a gateway, on its machine:", "S'occuper d'une passerelle, sur sa machine :"},
	"help_separator":          {"; ", " ; "},
	"help_default":            {"default %s", "par défaut %s"},
	"help_more":               {"relais help COMMAND tells more. Exit codes: 0 done, 1 failed, 2 bad usage, 3 done but for some.", "relais help COMMANDE en dit plus. Codes de retour : 0 fait, 1 échec, 2 mauvais usage, 3 fait sauf pour certains."},
	"parser_argument":         {"unexpected argument %s", "argument inattendu : %s"},
	"parser_argument_near":    {"unexpected argument %s, did you mean %s?", "argument inattendu : %s ; vouliez-vous dire %s ?"},
	"parser_argument_several": {"unexpected argument %s, did you mean one of %s?", "argument inattendu : %s ; vouliez-vous dire l'un de %s ?"},
	"parser_flag_several":     {"unknown flag %s, did you mean one of %s?", "option inconnue : %s ; vouliez-vous dire l'une de %s ?"},
	"parser_flag":             {"unknown flag %s", "option inconnue : %s"},
	"parser_flag_near":        {"unknown flag %s, did you mean %s?", "option inconnue : %s ; vouliez-vous dire %s ?"},
	"parser_missing":          {"missing: %s", "il manque : %s"},
	"parser_one_of":           {"want one of %s", "il faut l'un de %s"},
	"parser_enum":             {"%s must be one of %s but got %s", "%s doit être l'un de %s, et non %s"},
	"parser_no_value":         {"%s: want a value", "%s : il faut une valeur"},
	"parser_number":           {"%s: want a whole number, got %s", "%s : il faut un nombre entier, et non %s"},
	"parser_duration":         {"%s: want a duration such as 15m or 48h, got %s", "%s : il faut une durée comme 15m ou 48h, et non %s"},
	"parser_bool":             {"%s: want true or false, got %s", "%s : il faut true ou false, et non %s"},
	"parser_together":         {"%s and %s cannot be used together", "%s et %s ne vont pas ensemble"},

	"url_wrong":         {"the gateway's address must be a URL such as http://127.0.0.1:8080 (--url or RELAIS_URL)", "l'adresse de la passerelle doit être une URL comme http://127.0.0.1:8080 (--url ou RELAIS_URL)"},
	"key_missing":       {"no API key: set RELAIS_KEY, or name a file that holds it with --key-file; relais keys create makes one", "pas de clé d'API : définissez RELAIS_KEY, ou désignez par --key-file un fichier qui la contient ; relais keys create en crée une"},
	"file_unreadable":   {"cannot read %s: %v", "lecture impossible de %s : %v"},
	"file_empty":        {"%s holds nothing on its first line", "la première ligne de %s est vide"},
	"gateway_silent":    {"%v; does the gateway run there? (--url or RELAIS_URL)", "%v ; la passerelle tourne-t-elle à cette adresse ? (--url ou RELAIS_URL)"},
	"refused":           {"refused: %s (%s)", "refus : %s (%s)"},
	"refused_field":     {"  %s: %s", "  %s : %s"},
	"recipient":         {"recipient refused: %s: %s (%s)", "destinataire refusé : %s : %s (%s)"},
	"batch_line":        {"line %d: %s (%s)", "ligne %d : %s (%s)"},
	"batch_field":       {"line %d: %s: %s (%s)", "ligne %d : %s : %s (%s)"},
	"batch_recipient":   {"line %d: recipient refused: %s: %s (%s)", "ligne %d : destinataire refusé : %s : %s (%s)"},
	"batch_warning":     {"line %d: warning: %s (%s)", "ligne %d : avertissement : %s (%s)"},
	"batch_not_json":    {"not a JSON object on one line, such as {\"to\": \"+33639980001\", \"text\": \"Bonjour\"}", "ce n'est pas un objet JSON sur une ligne, comme {\"to\": \"+33639980001\", \"text\": \"Bonjour\"}"},
	"batch_not_utf8":    {"not UTF-8", "ce n'est pas de l'UTF-8"},
	"batch_long":        {"longer than %d bytes", "plus de %d octets"},
	"batch_progress":    {"up to line %d: messages accepted: %d, lines left out: %d", "jusqu'à la ligne %d : messages acceptés : %d, lignes écartées : %d"},
	"batch_done":        {"messages accepted: %d, lines left out: %d", "messages acceptés : %d, lignes écartées : %d"},
	"batch_empty":       {"%s holds no message", "%s ne contient aucun message"},
	"batch_resume":      {"lines up to %d are settled; to go on without sending any twice: relais batch --idempotency-key %s %s", "jusqu'à la ligne %d tout est réglé ; pour continuer sans rien envoyer deux fois : relais batch --idempotency-key %s %s"},
	"batch_read":        {"cannot read %s: %v", "lecture impossible de %s : %v"},
	"warning":           {"warning: %s (%s)", "avertissement : %s (%s)"},
	"warning_for":       {"warning for %s: %s (%s)", "avertissement pour %s : %s (%s)"},
	"argument_not_utf8": {"the argument %s is not UTF-8; nothing was done. Convert it first: iconv -f WINDOWS-1252 -t UTF-8", "l'argument %s n'est pas de l'UTF-8 ; rien n'a été fait. Convertissez-le d'abord : iconv -f WINDOWS-1252 -t UTF-8"},
	"stdin_not_utf8":    {"the text of standard input is not UTF-8; nothing was sent. Convert it first: iconv -f WINDOWS-1252 -t UTF-8", "le texte de l'entrée standard n'est pas de l'UTF-8 ; rien n'a été envoyé. Convertissez-le d'abord : iconv -f WINDOWS-1252 -t UTF-8"},
	"stdin_unreadable":  {"cannot read the text from standard input: %v", "lecture impossible du texte sur l'entrée standard : %v"},
	"time_wrong":        {"%s: want a date such as 2026-03-01T09:30:00+01:00, 2026-03-01 09:30 for local time, or a duration such as 24h", "%s : il faut une date comme 2026-03-01T09:30:00+01:00, 2026-03-01 09:30 en heure locale, ou une durée comme 24h"},
	"time_twice":        {"%s: %s comes twice, for the clock is put back; the first one was taken, %s", "%s : %s existe deux fois, car l'horloge recule ; la première a été retenue, %s"},
	"time_never":        {"%s: %s never comes, for the clock is put forward; %s was taken", "%s : %s n'existe pas, car l'horloge avance ; %s a été retenu"},
	"duration_wrong":    {"%s: want a duration above zero, such as 15m or 48h", "%s : il faut une durée positive, comme 15m ou 48h"},
	"limit_wrong":       {"--limit: want a number above zero", "--limit : il faut un nombre positif"},

	"standard_input":  {"standard input", "entrée standard"},
	"stdin_twice":     {"--text - and --to - cannot both read standard input: give one of them a file", "--text - et --to - ne peuvent pas lire tous deux l'entrée standard : donnez un fichier à l'un d'eux"},
	"to_unreadable":   {"cannot read the recipients from standard input: %v", "lecture impossible des destinataires sur l'entrée standard : %v"},
	"to_none":         {"--to %s names no recipient: want numbers, one a line or between commas", "--to %s ne nomme aucun destinataire : il faut des numéros, un par ligne ou entre virgules"},
	"list_utf16":      {"%s is UTF-16; save it as UTF-8", "%s est en UTF-16 ; enregistrez-le en UTF-8"},
	"list_not_utf8":   {"%s:%d: not UTF-8; save the file as UTF-8", "%s:%d : ce n'est pas de l'UTF-8 ; enregistrez le fichier en UTF-8"},
	"list_heading":    {"%s:%d: taken for a heading: %s", "%s:%d : pris pour un titre : %s"},
	"list_columns":    {"%s:%d: a table of several columns, and not exactly one of them is named number, phone or mobile: %s; name that of the recipients so. Nothing was sent", "%s:%d : un tableau de plusieurs colonnes, dont une seule doit se nommer numéro, téléphone ou portable : %s ; nommez ainsi celle des destinataires. Rien n'a été envoyé"},
	"quiet_or_json":   {"choose one of --quiet and --json", "choisissez entre --quiet et --json"},
	"send_parts":      {"%d recipients in %d requests; idempotency key %s", "%d destinataires en %d requêtes ; clé d'idempotence %s"},
	"send_progress":   {"%d of %d recipients", "%d destinataires sur %d"},
	"send_again":      {"trying again in %v: %v", "nouvel essai dans %v : %v"},
	"send_go_on":      {"%d messages are known to be taken; the same command with --idempotency-key %s sends the rest, and nothing twice", "%d messages sont pris à coup sûr ; la même commande avec --idempotency-key %s envoie le reste, et rien deux fois"},
	"wait_progress":   {"the operator has answered for %d of %d", "l'opérateur a répondu pour %d sur %d"},
	"again_silent":    {"%v; asking on every second, Ctrl-C ends", "%v ; nouvelle demande chaque seconde, Ctrl-C arrête"},
	"again_answers":   {"the gateway answers again", "la passerelle répond de nouveau"},
	"message_failed":  {"%s: %s (%s)", "%s : %s (%s)"},
	"message_why":     {"%s: %s (%s): %s", "%s : %s (%s) : %s"},
	"message_waits":   {"%s: still %s after %v (%s); relais status %s tells more", "%s : toujours %s après %v (%s) ; relais status %s en dit plus"},
	"messages_none":   {"no message", "aucun message"},
	"messages_more":   {"there are more: --cursor %s goes on", "il y en a d'autres : --cursor %s continue"},
	"message_ended":   {"canceled", "annulé"},
	"head_id":         {"ID", "ID"},
	"head_to":         {"TO", "VERS"},
	"head_status":     {"STATUS", "ÉTAT"},
	"head_reason":     {"REASON", "MOTIF"},
	"head_connector":  {"CONNECTOR", "CONNECTEUR"},
	"head_segments":   {"SEGMENTS", "SEGMENTS"},
	"head_encoding":   {"ENCODING", "CODAGE"},
	"head_accepted":   {"ACCEPTED", "ACCEPTÉ"},
	"head_price":      {"PRICE", "PRIX"},
	"price_unknown":   {"not known", "inconnu"},
	"preview_total":   {"total: messages %d, segments %d, price %s", "total : messages %d, segments %d, prix %s"},
	"head_due":        {"DUE", "ÉCHÉANCE"},
	"text_written":    {"as written", "tel quel"},
	"text_gsm":        {"GSM 7-bit", "GSM 7 bits"},
	"text_instead":    {"  %s (%s) at character %d: %q in the GSM alphabet", "  %s (%s) au caractère %d : %q dans l'alphabet GSM"},
	"text_no_instead": {"  %s (%s) at character %d: nothing stands for it in the GSM alphabet", "  %s (%s) au caractère %d : rien ne le remplace dans l'alphabet GSM"},
	"head_account":    {"ACCOUNT", "COMPTE"},
	"head_name":       {"NAME", "NOM"},
	"head_created":    {"CREATED", "CRÉÉ"},
	"head_revoked":    {"REVOKED", "RÉVOQUÉE"},
	"label_message":   {"message", "message"},
	"label_to":        {"to", "vers"},
	"label_status":    {"status", "état"},
	"label_class":     {"class", "classe"},
	"label_sender":    {"sender", "expéditeur"},
	"label_text":      {"text", "texte"},
	"label_connector": {"connector", "connecteur"},
	"label_segments":  {"segments", "segments"},
	"label_reference": {"reference", "référence"},
	"label_provider":  {"operator's id", "id. opérateur"},
	"label_routes":    {"routes", "routes"},
	"label_receipt":   {"receipt", "accusé"},
	"label_due":       {"not before", "pas avant"},
	"label_expires":   {"not after", "pas après"},
	"label_decisions": {"decisions", "décisions"},
	"label_timeline":  {"timeline", "chronologie"},
	"label_attempt":   {"attempt %d", "essai %d"},

	"reassigned":      {"%d queued messages of the account given from %s to %s", "%d messages en attente du compte donnés de %s à %s"},
	"reassigned_none": {"nothing of the account is queued for %s; relais connectors list shows what waits, whatever the account", "rien du compte n'est en attente pour %s ; relais connectors list montre ce qui attend, quel que soit le compte"},
	"reassigned_left": {"%d stay: numbers of fiction go to simulated operators only", "%d restent : les numéros de fiction ne vont qu'aux opérateurs simulés"},
	"doctor_missing":  {"%d messages wait for the connector %s, which is not configured; relais connectors reassign %s NAME gives them to another", "%d messages attendent le connecteur %s, qui n'est pas configuré ; relais connectors reassign %s NOM les donne à un autre"},
	"doctor_in_doubt": {"%d messages are in doubt at the connector %s, which is not configured; relais resolve ID taken, not_taken or given_up decides for each", "%d messages sont en doute au connecteur %s, qui n'est pas configuré ; relais resolve ID taken, not_taken ou given_up décide pour chacun"},
	"label_notice":    {"notice", "à noter"},
	"database_none":   {"there is no database in %s; give the gateway's --data or --config, or make one: relais serve and relais accounts create do", "pas de base de données dans %s ; donnez le --data ou le --config de la passerelle, ou créez-la : relais serve et relais accounts create le font"},
	"secret_wrong":    {"%s: %v", "%s : %v"},
	"database_made":   {"a new database was made in %s; was it to be that of a gateway, give its --data or --config", "une nouvelle base de données a été créée dans %s ; s'il fallait celle d'une passerelle, donnez son --data ou son --config"},
	"seal_confirm": {
		"What was sealed with the lost key can never be read again: webhooks, keys of OVH clients, logins of http2sms. Type yes to go on:",
		"Ce qui a été scellé avec la clé perdue ne pourra plus jamais être lu : webhooks, clés de clients OVH, identifiants http2sms. Tapez oui pour continuer :",
	},
	"seal_replaced": {
		"the database has a new seal key. Give operators the addresses of relais callbacks, callers the secret of relais webhooks secret, and make the logins of http2sms anew",
		"la base de données a une nouvelle clé. Donnez aux opérateurs les adresses de relais callbacks, aux appelants le secret de relais webhooks secret, et recréez les identifiants http2sms",
	},
	"seal_webhooks":     {"webhooks that can be signed no more; delete them and make them anew: %s", "webhooks qui ne peuvent plus être signés ; supprimez-les et recréez-les : %s"},
	"seal_applications": {"applications of OVH clients that cannot be checked any more; revoke them and make them anew: %s", "applications de clients OVH qui ne peuvent plus être vérifiées ; révoquez-les et recréez-les : %s"},
	"backup_no_key":     {"the copy has no seal.key: a gateway starts on it only with the seal_key of the configuration that you use now", "la copie n'a pas de seal.key : une passerelle n'y démarre qu'avec le seal_key de la configuration que vous utilisez"},
	"backup_key_lost":   {"there is no seal.key in %s and no seal_key in the configuration: a gateway will not start on the copy without the key (docs/operations.md)", "pas de seal.key dans %s ni de seal_key dans la configuration : aucune passerelle ne démarrera sur la copie sans la clé (docs/operations.md)"},
	"database_failed":   {"database: %v", "base de données : %v"},
	"backup_pg": {
		"The database is PostgreSQL: copy it with pg_dump, and the file seal.key of the data directory with it (docs/operations.md).",
		"La base est PostgreSQL : copiez-la avec pg_dump, et avec elle le fichier seal.key du répertoire de données (docs/operations.md).",
	},
	"data_failed":       {"data directory %s: %v", "répertoire de données %s : %v"},
	"account_created":   {"account %s created; relais keys create --account %s --name NAME makes a key for it", "compte %s créé ; relais keys create --account %s --name NOM lui crée une clé"},
	"account_exists":    {"the account %s exists already", "le compte %s existe déjà"},
	"account_unknown":   {"there is no account %s; create it with: relais accounts create %s", "le compte %s n'existe pas ; créez-le avec : relais accounts create %s"},
	"accounts_none":     {"no account; create one with: relais accounts create NAME", "aucun compte ; créez-en un avec : relais accounts create NOM"},
	"key_created":       {"key %s of account %s; it is shown this once, keep it", "clé %s du compte %s ; elle n'est montrée que cette fois, conservez-la"},
	"ovh_key_created":   {"application %d of account %s, seen as the service %s; its secret and consumer key are shown this once, keep them", "application %d du compte %s, vue comme le service %s ; son secret et sa clé ne sont montrés que cette fois, conservez-les"},
	"ovh_key_validated": {"the consumer key of application %d works now, for these calls:", "la clé de l'application %d fonctionne maintenant, pour ces appels :"},
	"ovh_key_refused":   {"the consumer key of application %d is refused; it asked for these calls:", "la clé de l'application %d est refusée ; elle demandait ces appels :"},
	"ovh_no_token":      {"no consumer key waits with that token: it was decided before, or it waited for more than a day; ask for another", "aucune clé n'attend avec ce jeton : elle a été décidée déjà, ou a attendu plus d'un jour ; demandez-en une autre"},
	"login_created":     {"login %s of account %s, seen as the service %s; its password is shown this once, keep it", "identifiant %s du compte %s, vu comme le service %s ; son mot de passe n'est montré que cette fois, conservez-le"},
	"key_revoked":       {"key %s of account %s revoked; a gateway that runs refuses it within a second", "clé %s du compte %s révoquée ; une passerelle en marche la refuse en moins d'une seconde"},
	"key_unknown":       {"there is no key %s; relais keys list shows those that exist", "la clé %s n'existe pas ; relais keys list montre celles qui existent"},
	"keys_none":         {"no key; create one with: relais keys create --account NAME --name NAME", "aucune clé ; créez-en une avec : relais keys create --account NOM --name NOM"},
	"migrated":          {"%s: schema %d brought to %d", "%s : schéma %d porté à %d"},
	"migrated_not":      {"%s: schema %d, nothing to do", "%s : schéma %d, rien à faire"},

	"config_good":     {"the configuration is good", "la configuration est bonne"},
	"config_problems": {"the configuration cannot be used:", "la configuration est inutilisable :"},

	"doctor_gateway":         {"gateway", "passerelle"},
	"doctor_connector":       {"connector %s", "connecteur %s"},
	"doctor_none":            {"no connector is configured: no message can leave; relais config example shows how", "aucun connecteur n'est configuré : aucun message ne peut partir ; relais config example montre comment faire"},
	"doctor_checkless":       {"this connector has no check-up: only a message can tell whether it works", "ce connecteur n'a pas de contrôle : seul un message dira s'il fonctionne"},
	"doctor_senders_bad":     {"the senders of the accounts cannot be looked up: %v", "recherche impossible des expéditeurs des comptes : %v"},
	"doctor_sender":          {"%s is declared and usable (%s)", "%s est déclaré et utilisable (%s)"},
	"doctor_sender_waits":    {"%s waits for the operator's approval, and is refused until then (%s)", "%s attend l'accord de l'opérateur, et il est refusé d'ici là (%s)"},
	"doctor_sender_misspelt": {"%s: the operator has %s, and capitals count there; write it so (%s)", "%s : l'opérateur connaît %s, et les majuscules y comptent ; écrivez-le ainsi (%s)"},
	"doctor_sender_refused":  {"the operator refused to declare %s (%s); use another sender", "l'opérateur a refusé de déclarer %s (%s) ; prenez un autre expéditeur"},
	"doctor_sender_off":      {"%s is disabled at the operator (%s); enable it there", "%s est désactivé chez l'opérateur (%s) ; réactivez-le"},
	"doctor_sender_unknown":  {"%s is not declared at the operator (%s); declare it there, or set check_senders = false if its list is wrong", "%s n'est pas déclaré chez l'opérateur (%s) ; déclarez-le, ou mettez check_senders = false si sa liste est fausse"},
	"doctor_sender_number":   {"the operator lists no number of that kind, so that %s cannot be looked up (%s)", "l'opérateur ne donne aucun numéro de ce genre, la recherche de %s est donc impossible (%s)"},
	"doctor_sender_unclear":  {"%s is in a state that the operator does not document (%s)", "%s est dans un état que l'opérateur ne documente pas (%s)"},
	"doctor_data_new":        {"%s does not exist yet; relais serve makes it", "%s n'existe pas encore ; relais serve le crée"},
	"doctor_data_bad":        {"%s cannot be written to: %v", "écriture impossible dans %s : %v"},
	"doctor_data_good":       {"%s can be written to", "écriture possible dans %s"},
	"doctor_space":           {"%s free for the database", "%s libres pour la base de données"},
	"doctor_space_low":       {"only %s free for the database; messages are refused when nothing is left", "seulement %s libres pour la base de données ; les messages sont refusés quand il ne reste rien"},
	"doctor_space_none":      {"cannot read the free space: %v", "lecture impossible de l'espace libre : %v"},
	"doctor_schema":          {"the database has schema %d, the one of this program", "la base de données a le schéma %d, celui de ce programme"},
	"doctor_schema_old":      {"the database has schema %d and this program wants %d; serve and migrate bring it up to date", "la base de données a le schéma %d et ce programme veut le %d ; serve et migrate la mettent à jour"},
	"doctor_schema_new":      {"the database has schema %d and this program knows %d only: run the newer program", "la base de données a le schéma %d et ce programme ne connaît que le %d : utilisez le programme plus récent"},
	"doctor_schema_bad":      {"the database cannot be read: %v", "lecture impossible de la base de données : %v"},
	"doctor_clock":           {"the clock says %s", "l'horloge dit %s"},
	"doctor_clock_past":      {"the clock says %s, which is before this program was made: set it", "l'horloge dit %s, avant la fabrication de ce programme : réglez-la"},
	"level_ok":               {"ok", "bon"},
	"level_warning":          {"warning", "attention"},
	"level_failure":          {"failure", "échec"},

	"inbound_none":          {"no reply", "aucune réponse"},
	"inbound_undecided":     {"%s may have written STOP and gets no marketing until you decide: relais inbound decide %s stop, or reply", "%s a peut-être écrit STOP et ne reçoit plus de publicité avant votre décision : relais inbound decide %s stop, ou reply"},
	"inbound_decided_as":    {"%s: %s", "%s : %s"},
	"inbound_decided_stop":  {"%s gets no marketing any more", "%s ne reçoit plus de publicité"},
	"inbound_decided_reply": {"a mere reply; %s gets marketing again, unless another reply waits", "une simple réponse ; %s reçoit de nouveau la publicité, sauf si une autre réponse attend"},
	"opt_out_provisional":   {"%s gets no marketing until somebody decides about a reply; relais inbound --undecided shows it", "%s ne reçoit plus de publicité tant que personne n'a décidé d'une réponse ; relais inbound --undecided la montre"},
	"opt_outs_none":         {"the list is empty", "la liste est vide"},
	"opt_out_yes":           {"%s gets no marketing", "%s ne reçoit pas de publicité"},
	"opt_out_no":            {"%s is not on the list", "%s n'est pas sur la liste"},
	"opt_outs_tried":        {"a trial: %d would be added, %d are on the list", "un essai : %d seraient ajoutés, %d y sont déjà"},
	"opt_outs_imported":     {"%d added, %d were on the list", "%d ajoutés, %d y étaient déjà"},
	"opt_outs_refused":      {"%s:%d: %s", "%s:%d : %s"},
	"opt_outs_some_refused": {"lines without a number that can be read: %d", "lignes sans numéro lisible : %d"},
	"secret_rotated":        {"the secret before signs too until %s; the new one, shown this once:", "le secret précédent signe aussi jusqu'au %s ; le nouveau, montré cette seule fois :"},
	"secret_replaced":       {"the secret before signs no more; the new one, shown this once:", "le secret précédent ne signe plus ; le nouveau, montré cette seule fois :"},
	"webhook_created":       {"webhook %s made; its secret is shown this once:", "webhook %s créé ; son secret est montré cette seule fois :"},
	"webhooks_none":         {"no webhook", "aucun webhook"},
	"webhook_deleted":       {"webhook %s deleted", "webhook %s supprimé"},
	"webhook_replayed":      {"%d deliveries go again", "%d envois repartent"},
	"deliveries_none":       {"nothing was sent to it yet", "rien ne lui a encore été envoyé"},
	"event_wrong":           {"--event: want an id such as evt_42", "--event : il faut un identifiant tel que evt_42"},
	"events_next":           {"go on with --after %s", "la suite avec --after %s"},
	"usage_none":            {"nothing was accepted in these months", "rien n'a été accepté pendant ces mois"},
	"usage_month":           {"a month is written like 2026-01", "un mois s'écrit comme 2026-01"},
	"usage_order":           {"the last month is before the first one", "le dernier mois est avant le premier"},
	"usage_many":            {"ask for fewer months: at most 120 are counted at once", "demandez moins de mois : 120 au plus sont comptés à la fois"},
	"usage_one_form":        {"choose one of --csv and --json", "choisissez entre --csv et --json"},
	"head_month":            {"MONTH", "MOIS"},
	"head_key":              {"KEY", "CLÉ"},
	"head_class":            {"CLASS", "CLASSE"},
	"head_sent":             {"SENT", "ENVOYÉS"},
	"head_cost":             {"COST", "COÛT"},
	"head_without_price":    {"NO PRICE", "SANS PRIX"},
	"head_in_doubt":         {"IN DOUBT", "INCERTAINS"},
	"receipts_none":         {"every receipt has found its message", "chaque accusé a trouvé son message"},
	"shadow_none":           {"nothing was compared: no door has shadow set, or none was called", "rien n'a été comparé : aucune porte n'a shadow, ou aucune n'a été appelée"},
	"shadow_newest":         {"the newest requests that did not go the same:", "les dernières requêtes dont le sort n'est pas le même :"},
	"shadow_difference":     {"%s: there %s, here %s", "%s : là-bas %s, ici %s"},
	"head_door":             {"DOOR", "PORTE"},
	"head_instance":         {"INSTANCE", "INSTANCE"},
	"head_verdict":          {"VERDICT", "VERDICT"},
	"head_same":             {"SAME", "PAREIL"},
	"head_differs":          {"DIFFERS", "DIFFÈRE"},
	"head_not_comparable":   {"NOT COMPARABLE", "NON COMPARABLE"},
	"head_old_failed":       {"OLD FAILED", "ANCIENNE EN PANNE"},
	"head_old":              {"OLD", "ANCIENNE"},
	"head_ours":             {"OURS", "NÔTRE"},
	"head_received":         {"RECEIVED", "REÇU"},
	"head_from":             {"FROM", "DE"},
	"head_intent":           {"INTENT", "INTENTION"},
	"head_text":             {"TEXT", "TEXTE"},
	"head_answers":          {"ANSWERS", "RÉPOND À"},
	"head_number":           {"NUMBER", "NUMÉRO"},
	"head_sender":           {"SENDER", "ÉMETTEUR"},
	"head_source":           {"SOURCE", "SOURCE"},
	"head_since":            {"SINCE", "DEPUIS"},
	"head_time":             {"TIME", "HEURE"},
	"head_change":           {"CHANGE", "CHANGEMENT"},
	"head_actor":            {"BY", "PAR"},
	"head_note":             {"NOTE", "NOTE"},
	"head_state":            {"STATE", "ÉTAT"},
	"head_waiting":          {"WAITING", "EN ATTENTE"},
	"head_url":              {"ADDRESS", "ADRESSE"},
	"head_events":           {"EVENTS", "ÉVÉNEMENTS"},
	"head_event":            {"EVENT", "ÉVÉNEMENT"},
	"head_type":             {"TYPE", "TYPE"},
	"head_attempts":         {"ATTEMPTS", "ESSAIS"},
	"head_last":             {"LAST", "DERNIER"},
	"head_next":             {"NEXT", "PROCHAIN"},
	"head_data":             {"DATA", "DONNÉES"},
	"head_provider":         {"OPERATOR'S ID", "ID DE L'OPÉRATEUR"},
	"head_code":             {"CODE", "CODE"},

	"text_removed":    {"(removed)", "(effacé)"},
	"yes":             {"yes", "oui"},
	"confirm_missing": {"nobody answers on standard input; --yes goes on without asking", "personne ne répond sur l'entrée standard ; --yes continue sans demander"},
	"confirm_no":      {"nothing was erased", "rien n'a été effacé"},
	"erased":          {"erased: %d messages and %d replies", "effacés : %d messages et %d réponses"},
	"erased_canceled": {"%d of the messages were queued and were canceled", "%d de ces messages attendaient et ont été annulés"},
	"erased_shared":   {"the text of %d stays with the messages of the others who got it", "le texte de %d d'entre eux reste avec les messages des autres destinataires"},
	"erased_opt_outs": {"%d entries of the suppression list erased", "%d entrées de la liste d'opposition effacées"},
	"erased_kept":     {"%d entries of the suppression list stay, so that the number gets no marketing; --opt-outs erases them", "%d entrées de la liste d'opposition restent, pour que le numéro ne reçoive pas de publicité ; --opt-outs les efface"},
	"erased_audit":    {"audit entry %s", "entrée %s de l'audit"},
	"audit_none":      {"no entry", "aucune entrée"},
	"head_action":     {"ACTION", "ACTION"},
	"head_messages":   {"MESSAGES", "MESSAGES"},
	"head_replies":    {"REPLIES", "RÉPONSES"},
	"head_opt_outs":   {"OPT-OUTS", "OPPOSITIONS"},
	"head_subject":    {"PERSON", "PERSONNE"},
	"erase_confirm": {
		"Everything that is stored of %s will be erased, and cannot come back. Type yes to go on:",
		"Tout ce qui est conservé sur %s va être effacé, sans retour possible. Tapez oui pour continuer :",
	},

	"callbacks_no_connector":  {"the configuration has no such connector of provider ovh", "la configuration n'a pas ce connecteur, ou il n'est pas de fournisseur ovh"},
	"callbacks_which":         {"--connector: several are OVH's: %s", "--connector : plusieurs sont d'OVH : %s"},
	"import_nothing":          {"the export holds no SMS connector", "l'export ne contient aucun connecteur SMS"},
	"import_secrets":          {"secrets are left out; --output FILE writes them to a file that only its owner can read", "les secrets sont omis ; --output FICHIER les écrit dans un fichier que seul son propriétaire peut lire"},
	"import_done":             {"%d instances written to %s", "%d instances écrites dans %s"},
	"backup_done":             {"copied to %s, %d bytes", "copié dans %s, %d octets"},
	"backup_failed":           {"the backup failed: %v", "la sauvegarde a échoué : %v"},
	"callbacks_no_connectors": {"the configuration has no connector", "la configuration n'a aucun connecteur"},
	"callbacks_receipts":      {"receipts", "accusés"},
	"callbacks_replies":       {"replies", "réponses"},
	"callbacks_stops":         {"STOP", "STOP"},
	"callbacks_none":          {"none", "aucun"},

	"ovh_rights":    {"OVH grants a key with these rights, and nothing else:", "OVH accorde une clé avec ces droits, et rien d'autre :"},
	"ovh_address":   {"agree to it as the customer who owns the SMS account, at:", "acceptez-la en tant que client titulaire du compte SMS, à l'adresse :"},
	"ovh_waiting":   {"waiting for the consent, at most %v", "en attente de l'accord, au plus %v"},
	"ovh_validated": {"the key works", "la clé fonctionne"},
	"ovh_untested":  {"not tested: that needs the application secret (RELAIS_OVH_APPLICATION_SECRET or --application-secret-file); the key works once you have agreed", "pas de test : il faudrait le secret d'application (RELAIS_OVH_APPLICATION_SECRET ou --application-secret-file) ; la clé fonctionnera après votre accord"},
	"ovh_services":  {"SMS accounts: %s", "comptes SMS : %s"},
	"ovh_no_sms":    {"the customer who agreed has no SMS account", "le client qui a donné son accord n'a pas de compte SMS"},
	"ovh_not_yours": {"the key does not see the SMS account %s; it sees: %s", "la clé ne voit pas le compte SMS %s ; elle voit : %s"},
	"ovh_paste":     {"paste this into the configuration file; better, keep each secret in a file that only the gateway can read (consumer_key_file):", "collez ceci dans le fichier de configuration ; mieux, gardez chaque secret dans un fichier que seule la passerelle peut lire (consumer_key_file) :"},
	"ovh_then":      {"then relais doctor checks sender and credit", "ensuite relais doctor contrôle l'expéditeur et le crédit"},
	"ovh_name":      {"--name: want 1 to 32 lower-case letters, digits and dashes, a letter first", "--name : il faut 1 à 32 minuscules, chiffres et tirets, une lettre en tête"},

	"welcome_answers":      {"Relais answers at %s; the manual of the API is at %s/docs.", "Relais répond à l'adresse %s ; le manuel de l'API est à %s/docs."},
	"welcome_sandbox":      {"The operators are simulated, at %s: nothing reaches a real phone.", "Les opérateurs sont simulés, à l'adresse %s : rien n'atteint un vrai téléphone."},
	"welcome_key":          {"The API key is %s. To copy into another terminal:", "La clé d'API est %s. À copier dans un autre terminal :"},
	"welcome_doors":        {"Every door is open, with credentials that anybody may know:", "Toutes les portes sont ouvertes, avec des identifiants que tout le monde peut connaître :"},
	"welcome_no_connector": {"No connector is configured: no message can leave. Fill in an operator, check it and start again:", "Aucun connecteur n'est configuré : aucun message ne peut partir. Décrivez un opérateur, vérifiez et redémarrez :"},
	"welcome_try":          {"To try without an operator:", "Pour essayer sans opérateur :"},
	"welcome_no_account":   {"There is no account but the first one, default. To make your own, from another terminal:", "Il n'y a que le premier compte, default. Pour en créer un à vous, dans un autre terminal :"},
	"welcome_no_key":       {"There is no API key yet. It is shown once; only you can read the file:", "Il n'y a pas encore de clé d'API. Elle n'est montrée qu'une fois ; vous seul pouvez lire le fichier :"},
	"welcome_account":      {"town-hall", "mairie"},
	"welcome_program":      {"forms", "formulaires"},
	"welcome_number":       {"YOUR-OWN-NUMBER", "VOTRE-NUMERO"},
	"welcome_then":         {"Then send yourself a text:", "Puis envoyez-vous un SMS :"},

	"demo_json": {"--json needs --once: a demo that stays up has no result", "--json demande --once : une démo qui reste en marche n'a pas de résultat"},
	"demo_started": {
		"relais demo: a gateway on a temporary database, beside simulated operators\n" +
			"   gateway             %s\n   simulated operators %s\n",
		"relais demo : une passerelle sur une base temporaire, à côté d'opérateurs simulés\n" +
			"   passerelle         %s\n   opérateurs simulés %s\n",
	},
	"demo_sends": {
		"\n%d. through %s, to %s: %s\n",
		"\n%d. par %s, vers %s : %s\n",
	},
	"demo_handset": {
		"   %s  on the handset %s, from %s: %s\n",
		"   %s  sur le téléphone %s, de %s : %s\n",
	},
	"demo_done": {
		"\nBoth messages stand on their handsets, once each.\n",
		"\nLes deux messages sont sur leurs téléphones, une fois chacun.\n",
	},
	"demo_not_taken": {
		"the message ended as %s",
		"le message a fini dans l'état %s",
	},
	"demo_not_there": {
		"the handset has %d texts, or another one than was sent",
		"le téléphone a %d messages, ou un autre que celui envoyé",
	},
	"demo_stays": {
		`
The gateway stays up until Ctrl-C. To copy into another terminal:

  curl -s %[1]s/v1/messages -H 'Authorization: Bearer sandbox' \
       -d '{"to": "0639980003", "text": "Bonjour", "connector": "ovh"}'
  curl -s '%[1]s/v1/messages?limit=5' -H 'Authorization: Bearer sandbox'
  curl -s %[2]s/handsets

  API manual: %[1]s/docs
`,
		`
La passerelle reste en marche jusqu'à Ctrl-C. À copier dans un autre terminal :

  curl -s %[1]s/v1/messages -H 'Authorization: Bearer sandbox' \
       -d '{"to": "0639980003", "text": "Bonjour", "connector": "ovh"}'
  curl -s '%[1]s/v1/messages?limit=5' -H 'Authorization: Bearer sandbox'
  curl -s %[2]s/handsets

  Manuel de l'API : %[1]s/docs
`,
	},
}
