#compdef relais
# zsh completion of relais: source <(relais completion zsh), or put this into a
# directory of $fpath as _relais.
_relais() {
	local -a proposals
	local word meaning
	while IFS=$'\t' read -r word meaning; do
		if [[ $word == :files ]]; then
			_files
			continue
		fi
		proposals+=("${word//:/\\:}${meaning:+:$meaning}")
	done < <("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)
	_describe relais proposals
}
if [[ $funcstack[1] == _relais ]]; then
	_relais "$@"
else
	compdef _relais relais
fi
