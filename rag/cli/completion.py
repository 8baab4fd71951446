"""`beleg completion`: the script by which a shell completes what is typed after `beleg`."""

from __future__ import annotations

import click

from rag.cli.help import Command

_VARIABLE = "_BELEG_COMPLETE"  # what click looks for when a command of this name begins

# click's own puts what is completed on the line as it is: a document named "$(…)" would be run with the line. It also
# takes "=" in --tag=work for a word, and knows nothing of what is typed before the end of the line.
_BASH = """\
%(complete_func)s() {
    local IFS=$'\\n' type value response word n at=0
    local -a line=()
    for (( n = 0; n <= COMP_CWORD; n++ )); do
        word=${COMP_WORDS[n]}
        if [[ $word == '=' ]]; then
            (( n < COMP_CWORD )) && continue
            word=''
        fi
        line+=("$word")
    done
    at=$(( ${#line[@]} - 1 ))
    response=$(env COMP_WORDS="${line[*]}" COMP_CWORD=$at %(complete_var)s=bash_complete \\
        "${1/#\\~/$HOME}" 2>/dev/null)
    COMPREPLY=()
    while IFS=',' read -r type value; do
        case $type in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain) COMPREPLY+=("$(printf %%q "$value")") ;;
        esac
    done <<< "$response"
    return 0
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""

# As click's own, but that "--mode=" stays where what is behind it is completed (compadd without -U, which drops it),
# and that nothing is told in between.
_ZSH = """\
#compdef %(prog_name)s

%(complete_func)s() {
    local -a completions completions_with_descriptions response
    local type key descr
    (( ! $+commands[%(prog_name)s] )) && return 1

    response=("${(@f)$(env COMP_WORDS="${words[*]}" COMP_CWORD=$((CURRENT-1)) %(complete_var)s=zsh_complete \\
        %(prog_name)s 2>/dev/null)}")
    [[ ${words[CURRENT]} == --*=* ]] && compset -P 1 '*='

    for type key descr in ${response}; do
        if [[ "$type" == "plain" ]]; then
            if [[ "$descr" == "_" ]]; then
                completions+=("$key")
            else
                completions_with_descriptions+=("$key":"$descr")
            fi
        elif [[ "$type" == "dir" ]]; then
            _path_files -/
        elif [[ "$type" == "file" ]]; then
            _path_files -f
        fi
    done

    if [ -n "$completions_with_descriptions" ]; then
        _describe -V unsorted completions_with_descriptions -U
    fi

    if [ -n "$completions" ]; then
        compadd -V unsorted -a completions
    fi
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    %(complete_func)s "$@"
else
    compdef %(complete_func)s %(prog_name)s
fi
"""

# click's own cuts names, and what is said of options, at their first comma.
_FISH = """\
function %(complete_func)s
    set -l before (string match -r -- '^--[^=]*=' (commandline -ct))
    set -l response (env %(complete_var)s=fish_complete COMP_WORDS=(commandline -cp) COMP_CWORD=(commandline -t) \\
        %(prog_name)s 2>/dev/null)
    for completion in $response
        set -l found (string split -m 1 -- "," $completion)
        switch $found[1]
            case dir
                string replace -r -- '^' "$before" (__fish_complete_directories $found[2])
            case file
                string replace -r -- '^' "$before" (__fish_complete_path $found[2])
            case plain
                echo -- "$before$found[2]"
        end
    end
end

complete --no-files --command %(prog_name)s --arguments "(%(complete_func)s)"
"""


@click.command(cls=Command)
@click.argument("shell", type=click.Choice(["bash", "fish", "zsh"]))
@click.pass_context
def completion(context: click.Context, /, shell: str) -> None:
    """Print the script with which a shell completes commands, options, files, documents and tags.

    \b
    eval "$(beleg completion bash)"                        # a line of ~/.bashrc
    eval "$(beleg completion zsh)"                         # a line of ~/.zshrc, after compinit
    beleg completion fish > ~/.config/fish/completions/beleg.fish
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None  # click has these three
    made = kind(context.find_root().command, {}, "beleg", _VARIABLE)
    click.echo({"bash": _BASH, "fish": _FISH, "zsh": _ZSH}[shell] % made.source_vars(), nl=False)
