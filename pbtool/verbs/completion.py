"""Print a script that completes pbtool's command line in a shell.

It completes verbs, options, their choices, file names, and the names of nodes in the model that is
already on the line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pbtool.options import add_output
from pbtool.verbs import OK

if TYPE_CHECKING:
    import argparse

    from pbtool.console import Console

EXAMPLES = """\
bash   add to ~/.bashrc:      eval "$(pbtool completion bash)"
zsh    add to ~/.zshrc:       eval "$(pbtool completion zsh)"    (after compinit)
fish   add to config.fish:    pbtool completion fish | source
"""


_BASH = r"""# bash completion for pbtool
_pbtool() {
    local word
    COMPREPLY=()
    while IFS= read -r word; do
        case $word in
            :files) compopt -o default ;;
            */ | *::) compopt -o nospace; COMPREPLY+=("$word") ;;
            *) COMPREPLY+=("$word") ;;
        esac
    done < <("$1" __complete bash "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
} 2>/dev/null
if type compopt >/dev/null 2>&1; then
    complete -F _pbtool pbtool
else  # bash 3, which cannot be told word by word
    complete -o default -F _pbtool pbtool
fi
"""

_ZSH = r"""#compdef pbtool
_pbtool() {
    local line
    local -a names shown scopes
    while IFS= read -r line; do
        case ${line%%$'\t'*} in
            :files) compset -P '--*='; _files; return ;;
            */ | *::) scopes+=("$line") ;;
            *) names+=("${line%%$'\t'*}"); shown+=("${line/$'\t'/  -- }") ;;
        esac
    done < <("${(Q)words[1]}" __complete zsh "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)
    (( $#scopes )) && compadd -S '' -a scopes
    (( $#names )) && compadd -l -d shown -a names
}
if [[ $funcstack[1] == _pbtool ]]; then
    _pbtool "$@"
else
    compdef _pbtool pbtool
fi
"""

_FISH = r"""# fish completion for pbtool
function __pbtool_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in ($words[1] __complete fish $words[2..-1] "$current" 2>/dev/null)
        if test "$line" = :files
            set -l option (string match -r -- '^--[^=]+=' "$current")
            for path in (__fish_complete_path (string replace -r -- '^--[^=]+=' '' "$current"))
                echo "$option$path"
            end
        else
            echo "$line"
        end
    end
end
complete -c pbtool -f -a '(__pbtool_complete)'
"""

SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("shell", choices=tuple(SCRIPTS), metavar="SHELL", help="bash, zsh or fish")
    add_output(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Write the script."""
    console.write(SCRIPTS[args.shell])
    return OK
