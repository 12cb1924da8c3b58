# fish completion of relais: relais completion fish | source, or put this into
# ~/.config/fish/completions/relais.fish.
function __relais_complete
	set -l words (commandline -opc) (commandline -ct)
	for line in ($words[1] __complete $words[2..-1] 2>/dev/null)
		if string match -q ':files*' -- $line
			__fish_complete_path (commandline -ct)
		else
			echo $line
		end
	end
end
complete -c relais -f -a '(__relais_complete)'
