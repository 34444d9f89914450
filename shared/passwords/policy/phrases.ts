/**
 * Long passwords that anybody expects: what people write when 15 characters are asked for, sayings, lines and examples.
 * Compared folded. No package has a list of long ones; breached passwords are the range API's or the filter's to know.
 */
export const expectedPhrases: readonly string[] = `
correct horse battery staple
a correct horse battery staple
the quick brown fox
the quick brown fox jumps
the quick brown fox jumps over the lazy dog
lorem ipsum dolor sit amet
to be or not to be
to be or not to be that is the question
may the force be with you
live long and prosper
winter is coming
one ring to rule them all
all your base are belong to us
open sesame open sesame
never gonna give you up
we will rock you
welcome to the jungle
stairway to heaven
hakuna matata
supercalifragilisticexpialidocious
antidisestablishmentarianism
hello darkness my old friend
houston we have a problem
elementary my dear watson
i think therefore i am
knowledge is power
trust no one at all
in god we trust
jesus is my savior
jesus loves me this i know
god is good all the time
our father who art in heaven
happy birthday to you
merry christmas and a happy new year
twinkle twinkle little star
once upon a time
roses are red violets are blue
an apple a day keeps the doctor away
i love you so much
i love you forever
i love my family
i love my mother
i love my husband
i love my daughter
i will always love you
this is my password
this is a password
this is not my password
this is a long password
this is a secure password
this is a secret
my password is password
my password is secret
my password is my password
my secret password
my super secret password
my very long password
password is my password
password password password
the password is password
the password is secret
what is my password
i forgot my password
i hate passwords
i hate this website
i hate changing passwords
no password for you
never share your password
please change me now
change me immediately
change this password
change your password
let me in please
let me in right now
open the door please
welcome to my world
welcome to my house
hello my name is
hello world hello
hello how are you
have a nice day
good morning everyone
this is a test password
this is only a test
testing one two three
test test test test
one two three four five
one two three four five six
administrator password
super secret password
correct password
incorrect password
your password is incorrect
secure password
very secure password
a very long password
long enough password
fifteen characters
at least fifteen characters
abcdefghijklmno
iamthebestintheworld
itsasecrettoeverybody
nobodyknowsmypassword
whatdoesthefoxsay
ein sehr langes passwort
das ist mein passwort
das ist ein passwort
mein passwort ist geheim
mein passwort ist sicher
mein geheimes passwort
passwort vergessen
ich habe mein passwort vergessen
ich liebe dich
ich liebe dich so sehr
ich liebe meine familie
hallo wie geht es dir
guten morgen zusammen
franz jagt im komplett verwahrlosten taxi quer durch bayern
donaudampfschifffahrtsgesellschaft
sesam oeffne dich
sein oder nicht sein
ceci est mon mot de passe
mon mot de passe
mon mot de passe secret
un mot de passe tres long
mot de passe oublie
je t aime mon amour
je t aime pour toujours
j aime ma famille
bonjour tout le monde
portez ce vieux whisky au juge blond qui fume
etre ou ne pas etre
esta es mi contrasena
mi contrasena es segura
mi contrasena secreta
una contrasena muy larga
contrasena olvidada
te quiero mucho mi amor
te amo con todo mi corazon
amo a mi familia
hola como estas
hola mundo hola mundo
buenos dias a todos
ser o no ser
wo ai ni wo ai ni
wo de mi ma
zhe shi wo de mi ma
`
  .trim()
  .split("\n");
