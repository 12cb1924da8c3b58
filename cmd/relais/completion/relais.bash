# bash completion of relais: source <(relais completion bash), or put this into
# /etc/bash_completion.d/relais.
_relais() {
	local current=${COMP_WORDS[COMP_CWORD]} word meaning
	COMPREPLY=()
	while IFS=$'\t' read -r word meaning; do
		if [[ $word == :files ]]; then
			compopt -o filenames 2>/dev/null
			local IFS=$'\n'
			COMPREPLY+=($(compgen -f -- "${current#=}"))
			continue
		fi
		# bash takes --flag=value apart at the equals sign.
		[[ $COMP_WORDBREAKS == *=* && $word == --*=* ]] && word=${word#*=}
		COMPREPLY+=("$word")
	done < <("${COMP_WORDS[0]}" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _relais relais
