"""The forms of Spanish words."""

from functools import lru_cache

from ..base import lines
from ..romance import Verbs, spanish, unaccented

_REGULAR = """
abandonar abonar abrazar acabar aceptar acelerar acercar aclarar acompañar aconsejar activar actualizar adaptar adelantar adivinar adjuntar administrar
adoptar afectar afirmar ahorrar ajustar alojar alquilar ampliar analizar anotar anular añadir anunciar apagar apelar aplazar aplicar aportar
apoyar archivar arreglar asegurar asignar asistir asociar atacar aumentar autorizar avanzar avisar ayudar bailar bajar barrer bloquear borrar
buscar calcular calificar cambiar caminar cancelar cantar capturar cargar casar catalogar categorizar causar celebrar cenar chatear cifrar citar clasificar cobrar cocinar
codificar coger colaborar colocar combinar comentar comer comparar compartir compilar completar comprar comprender comprimir comunicar conceder concertar
conectar confirmar configurar conservar considerar consultar consumir contactar contestar contratar contrastar controlar copiar coser
crear criticar cruzar cubrir cuidar cultivar dañar debatir decidir declarar dedicar definir dejar delegar denunciar depender
depositar desactivar desarrollar desbloquear descargar descifrar descomprimir desconectar desconfiar describir descuidar desear deshabilitar desinstalar despejar
desplazar desplegar destacar detallar detectar determinar dibujar dictar diferenciar digitalizar diseñar disfrutar distinguir dividir
doblar documentar donar dudar duplicar durar echar editar educar ejecutar elaborar eliminar embargar emitir empadronar emplear empujar encargar enlazar
enseñar ensayar entrar entregar entrenar entrevistar enumerar enviar equipar escanear escapar escribir escuchar esperar estimar estructurar estudiar
evaluar evitar examinar exigir existir explicar explorar exponer exportar expresar extender extraviar fabricar facturar fallar faltar
felicitar fichar fijar filtrar finalizar financiar firmar formar formatear formular fotografiar frenar fumar funcionar fusionar ganar garantizar gastar
generar gestionar girar grabar guardar guiar habilitar hablar heredar identificar ignorar ilustrar imaginar implementar implicar importar
imprimir incluir incrementar incumplir indicar informar ingresar iniciar insertar inspeccionar instalar insultar integrar intentar
interesar interpretar inventar investigar invitar jubilar juntar justificar lanzar lavar levantar liberar limitar limpiar listar llamar llegar
llenar llevar llorar localizar luchar mandar manejar marcar matricular mejorar memorizar mencionar mezclar migrar mirar modificar molestar
montar motivar multar multiplicar nacer nadar navegar necesitar negociar nombrar notificar numerar observar obligar ocupar ocurrir odiar
omitir operar opinar optimizar ordenar organizar orientar pagar parar parsear participar partir pasar patentar peinar pelear perdonar permitir pertenecer
pesar pescar pintar planificar plantar plantear pasear practicar preguntar preparar presentar presionar prestar presumir procesar
producir programar prolongar prometer promocionar pronunciar proteger publicar quedar quejar quemar quitar rastrear realizar rechazar recibir reciclar
reclamar recoger reconectar reconsiderar recopilar recortar recuperar redactar redirigir reducir reembolsar reescribir reemplazar referenciar
reformular refrescar regalar registrar regresar reiniciar reinstalar rellenar renombrar renunciar reparar repasar repartir reportar representar
reprogramar reservar resetear residir respetar respirar responder restar restaurar resumir retirar retrasar retroceder reunir revisar revocar
robar romper saltar saludar salvar sacar secar señalar seleccionar separar simplificar simular sincronizar solicitar solucionar subir subrayar
suceder sufrir sumar supervisar suprimir suspender tachar tapar tardar tasar teclear teletrabajar tener terminar tirar tocar tomar
trabajar traer tramitar transcribir transformar transmitir transportar trasladar tratar triplicar tumbar unir urgir usar utilizar vaciar vacunar
abonar abordar acceder acreditar acudir acumular adelantar adivinar admitir agarrar agotar aguantar
alargar alcanzar aligerar alimentar amenazar animar apreciar aprovechar apuntar argumentar armar arrancar
arrastrar arriesgar aspirar asumir asustar atacar aumentar auxiliar beneficiar brindar calmar cancelar
captar castigar ceder certificar cesar chatear circular clarificar colorear combatir combinar cometer
compensar compilar complicar concentrar concretar condenar conectar confesar confiar confundir congelar conmemorar
conquistar considerar consolidar constar contaminar conversar convocar coordinar cortar criar cuantificar cuestionar
culpar cumplir curar cursar dañar debatir derivar descansar descartar desempeñar despegar difundir
dirigir discutir disparar dominar durar efectuar elevar elogiar emigrar enfermar enfocar enfrentar
engañar equilibrar escalar escanear escapar escoger espaciar especificar esquivar estafar estallar estimular
etiquetar exagerar exceder exhibir exigir expandir experimentar explotar facilitar falsificar fichar fingir
fomentar formatear frotar golpear gozar gritar gustar habitar honrar hundir igualar imitar
implantar improvisar inaugurar incidir incitar incorporar insertar insistir inspirar intercambiar interrumpir involucrar
jurar justificar juzgar legalizar liderar ligar lograr madurar manipular maximizar mediar mencionar
minimizar modernizar monitorizar motivar mudar navegar notar ocultar parafrasear pegar percibir perjudicar
planear postular potenciar premiar presionar priorizar privar proceder procurar prohibir proporcionar protestar
provocar pulir pulsar rastrear reaccionar realizar rebajar recargar recaudar reclutar recompensar recorrer
recrear rectificar recurrir reenviar refinanciar reflejar regalar regular relacionar relajar rematar remediar
remitir rescatar resetear resistir respaldar resultar retomar revelar rodear sacrificar saldar sanar
sancionar simplificar sintetizar soportar sorprender sortear sospechar subrayar sumar suministrar superar surgir
sustentar tapar teclear teletrabajar tolerar traicionar tramitar transcurrir trasladar ubicar unificar variar
vibrar visar votar
validar olvidar matricular averiguar desayunar dimitir habitar ayunar aparcar estacionar alegar razonar sonar valorar variar vencer vender ventilar verificar viajar vigilar vincular visitar visualizar vivir votar vulnerar abrir cubrir descubrir
cocer aprender beber correr esconder meter deber temer vender leer creer poseer proveer ofender atender
"""

_IRREGULAR = """
inscribir: inscribo inscribes inscribe inscribimos inscriben inscriba / inscribió inscrito inscrita
renovar: renuevo renuevas renueva renovamos renuevan renueve / renovó renovado renovada
reconocer: reconozco reconoces reconoce reconocen reconozca / reconoció reconocido
parecer: parezco parece parecen / pareció parecido
continuar: continúo continúas continúa continúan continúe / continuó continuado
impedir: impido impides impide impiden impida / impidió impedido
reenviar: reenvío reenvías reenvía reenvían reenvíe reenvies / reenvió reenviado
disponer: dispongo dispones dispone disponen disponga / dispuso dispuesto
rendir: rindo rinde rinden / rindió
requerir: requiero requieres requiere requieren requiera / requirió requerido
volar: vuelo vuelas vuela vuelan vuele / voló volado
defender: defiendo defiende defienden / defendió defendido
negar: niego niegas niega niegan niegue / negó negado
destruir: destruyo destruye destruyen destruya / destruyó destruido
disminuir: disminuyo disminuye disminuyen disminuya / disminuyó disminuido
influir: influyo influye influyen / influyó influido
detener: detengo detiene detienen detenga / detuvo detenido
sostener: sostengo sostiene sostienen / sostuvo
reproducir: reproduzco reproduce reproducen reproduzca / reprodujo reproducido
deducir: deduzco deduces deduce deducen deduzca / dedujo deducido
convencer: convenzo convence convencen convenza / convenció convencido
crecer: crezco crece crecen / creció crecido
reforzar: refuerzo refuerza refuerzan refuerce / reforzó reforzado
soltar: suelto suelta sueltan suelte / soltó
valer: valgo vale valen / valió
corresponder: corresponde corresponden / correspondió
colgar: cuelgo cuelgas cuelga cuelgan cuelgue / colgó colgado
vestir: visto vistes viste visten / vistió vestido
almorzar: almuerzo almuerza almuerzan / almorzó
competir: compito compite compiten / compitió
prevenir: prevengo previene previenen prevenga / previno prevenido
intervenir: intervengo interviene intervienen / intervino
retener: retengo retiene retienen / retuvo retenido
rehacer: rehago rehace rehaz rehaga / rehizo rehecho
imponer: impongo impone imponen / impuso impuesto
permanecer: permanezco permanece permanecen
interferir: interfiere interfieren
constituir: constituye constituyen
andar: ando anda andan / anduvo
herir: hiere / hirió herido
ejercer: ejerzo ejerce ejercen ejerza / ejerció
atraer: atraigo atrae atraen / atrajo
distraer: distrae distraen
ver: veo ves ve vemos ven vea vean / vi vio visto vista
tener: tengo tienes tiene tenemos tienen tenga / tuve tuvo tenido
obtener: obtengo obtienes obtiene obtenemos obtienen obtenga / obtuve obtuvo obtenido obtenida
mantener: mantengo mantienes mantiene mantienen mantenga / mantuvo mantenido
contener: contiene contienen / contenido
hacer: hago haces hace hacemos hacen haz haga hagas hagan / hice hizo hicieron hecho hecha hechos hechas
decir: digo dices dice decimos dicen diga / dije dijo dijeron dicho dicha
poner: pongo pones pone ponemos ponen pon ponga / puse puso pusieron puesto puesta
proponer: propongo propones propone proponen propón proponga / propuso propuesto propuesta
salir: salgo sales sale salimos salen sal salga / salió salido
venir: vengo vienes viene venimos vienen ven venga / vino vinieron venido
dar: doy das da damos dan dé / di dio dieron dado dada
estar:
traducir: traduzco traduces traduce traducimos traducen traduzca traduzcas traduzcan / tradujo traducido traducida
reducir: reduzco reduces reduce reducen reduzca / redujo reducido
producir: produzco produce producen / produjo producido
introducir: introduzco introduces introduce introducen introduzca / introducido
conducir: conduzco conduces conduce conducen / condujo conducido
conocer: conozco conoces conoce conocemos conocen conozca / conocí conoció conocido
ofrecer: ofrezco ofreces ofrece ofrecemos ofrecen ofrezca / ofreció ofrecido
aparecer: aparezco apareces aparece aparecen / apareció aparecido
pertenecer: pertenezco pertenece pertenecen
restablecer: restablezco restableces restablece restablezca / restablecido
establecer: establezco estableces establece establezca / establecido
agradecer: agradezco
pedir: pido pides pide pedimos piden pida pidas / pedí pidió pidieron
despedir: despido despides despide despiden despida / despidió despidieron despedido
medir: mido mides mide miden mida / midió medido
servir: sirvo sirves sirve sirven sirva / sirvió servido
seguir: sigo sigues sigue seguimos siguen siga / siguió seguido
conseguir: consigo consigues consigue conseguimos consiguen consiga / consiguió conseguido
elegir: elijo eliges elige elegimos eligen elija / eligió elegido
corregir: corrijo corriges corrige corregimos corrigen corrija corrijas corrijan / corrigió corregido corregida
repetir: repito repites repite repiten repita / repitió repetido
convertir: convierto conviertes convierte convertimos convierten convierta / convirtió convertido convertida
preferir: prefiero prefieres prefiere prefieren prefiera
transferir: transfiero transfieres transfiere transfieren transfiera / transfirió transferido
sugerir: sugiero sugieres sugiere sugieren sugiera sugieras / sugirió sugerido
invertir: invierto inviertes invierte invierten invierta / invirtió invertido
sentir: siento sientes siente sienten sienta / sintió sentido
dormir: duermo duermes duerme duermen duerma / durmió dormido
morir: muero muere mueren / murió muerto
mostrar: muestro muestras muestra mostramos muestran muestre muestres / mostró mostrado
demostrar: demuestro demuestra demuestre / demostró demostrado
encontrar: encuentro encuentras encuentra encontramos encuentran encuentre encuentres / encontró encontrado
contar: cuento cuentas cuentan cuente / contó contado
costar: cuesta cuestan cueste / costó costado
recordar: recuerdo recuerdas recuerda recuerdan recuerde / recordó recordado
acordar: acuerda acuerdan / acordó acordado
probar: pruebo pruebas prueban pruebe / probó probado
aprobar: apruebo apruebas aprueba aprobamos aprueban apruebe / aprobó aprobado aprobada aprobados aprobadas
comprobar: compruebo compruebas comprueba comprueban compruebe compruebes / comprobó comprobado
volver: vuelvo vuelves vuelve volvemos vuelven vuelva / volvió vuelto
devolver: devuelvo devuelves devuelve devolvemos devuelven devuelva / devolvió devuelto devuelta
resolver: resuelvo resuelves resuelve resolvemos resuelven resuelva / resolvió resuelto
mover: muevo mueves mueve movemos mueven mueva / movió movido
promover: promueve promueven
jugar: juego juegas juega jugamos juegan juegue / jugó jugado
cerrar: cierro cierras cierra cerramos cierran cierre cierres / cerró cerrado cerrada cerrados cerradas
empezar: empiezo empiezas empieza empezamos empiezan empiece / empezó empezado
comenzar: comienzo comienzas comienza comienzan comience / comenzó comenzado
pensar: pienso piensas piensa piensan piense / pensó pensado
entender: entiendo entiendes entiende entienden entienda / entendió entendido
perder: pierdo pierdes pierde perdemos pierden pierda / perdió perdido perdida
encender: enciendo enciendes enciende encienden encienda / encendió encendido
extender: extiendo extiendes extiende extienda / extendió extendido
atender: atiendo atiendes atiende atienden atienda / atendió atendido
recomendar: recomiendo recomiendas recomienda recomiendan recomiende / recomendó recomendado
incluir: incluyo incluyes incluye incluyen incluya incluyas / incluyó incluido incluida
excluir: excluyo excluyes excluye excluyen excluya / excluyó excluido
construir: construyo construyes construye construyen construya / construyó construido
sustituir: sustituyo sustituyes sustituye sustituyen sustituya / sustituyó sustituido
distribuir: distribuyo distribuye distribuyen distribuya / distribuyó distribuido
concluir: concluyo concluye concluyen concluya / concluyó concluido
contribuir: contribuyo contribuye contribuyen
extraer: extraigo extraes extrae extraen extraiga extraigas / extrajo extraído
traer: traigo traes trae traemos traen traiga / trajo traído
caer: caigo cae caen / cayó caído
oír: oigo oyes oye oyen / oyó oído
leer: leo lees lee leemos leen lea leas / leí leyó leído
enviar: envío envías envía enviamos envían envíe envíes envíen / envié envió enviaron enviado enviada enviados enviadas
ampliar: amplío amplías amplía amplían amplíe / amplió ampliado
vaciar: vacío vacías vacía
guiar: guío guía
evaluar: evalúo evalúas evalúa evalúan evalúe / evaluó evaluado
actuar: actúo actúa actúan actúe
escribir: escribo escribes escribe escribimos escriben escriba escribas escriban / escribí escribió escrito escrita escritos
describir: describo describes describe describen describa describas / describió descrito descrita
reescribir: reescribo reescribes reescribe reescriba / reescribió reescrito
transcribir: transcribo transcribes transcribe transcriba / transcribió transcrito
abrir: abro abres abre abrimos abren abra abras / abrí abrió abrieron abierto abierta abiertos abiertas
cubrir: cubro cubres cubre cubren cubra / cubrió cubierto cubierta cubiertos cubiertas
descubrir: descubro descubre descubren / descubrió descubierto
romper: rompo rompes rompe rompen / rompió roto rota
imprimir: imprimo imprimes imprime imprimen imprima / imprimió impreso imprimido
reunir: reúno reúnes reúne reúnen / reunió reunido
instruir: instruye
querer:
poder:
saber:
haber:
deber:
ir:
ser:
"""

VERBS = Verbs(_REGULAR, _IRREGULAR, spanish)

_NOUNS = frozenset(
    "pedido pedidos entrada entradas salida salidas llamada llamadas vista hecho hechos estado estados empleado empleados empleada mercado"
    " sentido contenido contenidos partido resultado resultados certificado certificados significado grado lado abogado medida medidas"
    " jornada comida comidas subida bajada llegada nada cada vida herida tirada privado dado partida partidas propuesta respuesta vuelta"
    " puesto puestos cubierto casa cuenta cuentas sal ven di pon de vino como para sobre entre bajo una unas unos uno tarde tardes parte"
    " partes listado listas mando mandos gasto gastos plano planos era eras vela velas".split()
)
"""What people mean by these is mostly no verb."""


def past(word: str) -> bool:
    return word in VERBS.past and word not in _NOUNS


def infinitive(word: str) -> str | None:
    """The verb of which this is a form."""
    return None if word in _NOUNS else VERBS.infinitives.get(word)


_WORDS_OF_THEIR_OWN = frozenset(
    "qué cómo dónde cuándo cuál más sí él tú mí té sé dé aún sólo público médico papá mamá año años ano anos".split()
)
"""What an accent tells from another word."""
_INVARIABLE = frozenset(
    "más menos mes tres seis dos país interés inglés francés portugués japonés autobús estrés lunes martes miércoles jueves viernes crisis"
    " tesis análisis virus gas bus después antes además sms pls css js aws gratis campus".split()
)
_ODD = {
    form: first
    for first, *forms in lines("""
mes meses
país países
interés intereses
inglés inglesa ingleses inglesas
francés francesa franceses francesas
luz luces
voz voces
vez veces
lápiz lápices
juez jueces
gas gases
autobús autobuses
gran grande grandes
buen bueno buena buenos buenas
mal malo mala malos malas
primer primero primera primeros primeras
tercer tercero tercera
algún alguno alguna
señor sr señores
señora sra señoras
""")
    for form in forms
}
_MASCULINE = """
nuevo antiguo último próximo pasado alto bajo largo corto rápido lento barato caro gratuito necesario obligatorio público privado
externo interno máximo mínimo completo correcto incorrecto pequeño blanco negro rojo frío caliente lleno vacío bonito feo claro oscuro
distinto mismo otro segundo cuarto quinto electrónico automático bancario médico jurídico informático técnico diario activo inactivo
positivo negativo abierto cerrado aceptado incluido adjunto requerido necesitado
"""
_FEMININES = {
    adjective[:-1] + ending: adjective
    for adjective in _MASCULINE.split()
    if adjective.endswith("o")
    for ending in ("a", "as", "os")
}


@lru_cache(8192)
def stem(word: str) -> str:
    """The infinitive of a verb's form; of any other word the singular, and the masculine where it is a usual adjective."""
    if word in _WORDS_OF_THEIR_OWN:
        return word
    if verb := infinitive(word):
        return unaccented(verb)
    word = _ODD.get(word, _FEMININES.get(word, word))
    if len(word) > 3 and word.endswith("s") and word not in _INVARIABLE:
        word = (
            word[:-2]
            if word.endswith("es") and word[-3] in "nrldjzáéíóús" and word[:-2] not in _E_ENDING
            else word[:-1]
        )
    return unaccented(_FEMININES.get(word, word))


_E_ENDING = frozenset(
    "client informad cliente nombr clas fras bas interfac lleg viaj mensaj paquet cheq detall tall call vall muell sueld parent herald serie"
    " apartado móvi notebook ayud parquead suerd padr madr compañ tom tard text list sobr podcast restaurant presupuest billet tiquet".split()
)
