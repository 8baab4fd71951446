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
    click.echo(_BASH % made.source_vars() if shell == "bash" else made.source(), nl=False)
