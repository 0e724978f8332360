# A: prompt begins, B: prompt ends and typing begins, C: a command's output begins, D;code: it has ended.
__lab_prompt() {
    local code=$?
    [ -n "${__lab_ran-}" ] && printf '\e]133;D;%s\a' "$code"
    __lab_ran=
    return $code
}
PROMPT_COMMAND=__lab_prompt
PS0='\e]133;C\a${__lab_ran:$((__lab_ran=1,0)):0}'
PS1='\[\e]133;A\a\]\[\e[1;32m\]\u@\h\[\e[0m\]:\[\e[1;34m\]\w\[\e[0m\]\$ \[\e]133;B\a\]'
HISTCONTROL=ignoreboth
HISTSIZE=10000
shopt -s checkwinsize
bind 'set enable-active-region off' 2>/dev/null # or output may come before the last pasted letter is drawn as the others are
alias ls='ls --color=auto' ll='ls -l' grep='grep --color=auto'
[ -r /usr/share/bash-completion/bash_completion ] && . /usr/share/bash-completion/bash_completion

# Where there is a cluster: k for kubectl, completed like it; kubectl's own completion is loaded by the first Tab.
if [ -x /usr/local/bin/kubectl ]; then
    alias k=kubectl
    __lab_k() {
        [ "$(type -t __start_kubectl)" = function ] || . <(kubectl completion bash)
        __start_kubectl
    }
    complete -o default -o nospace -F __lab_k k
fi
