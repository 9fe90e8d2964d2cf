import { districtConfiguration } from '../configuration/district.ts'
import { withAddresses } from '../wire/addresses.ts'
import { startLocalChain } from '../wire/chain.ts'
import { type DistrictStep, setUpDistrict } from '../wire/district.ts'
import { createHome, type Home } from '../wire/home.ts'
import {
  districtPlans,
  type Processes,
  type ProcessNotice,
  startProcesses,
} from '../wire/processes.ts'
import { addCommand, type Register } from './command.ts'
import type { Text } from './language.ts'
import type { Output } from './output.ts'
import { untilAsked } from './untilAsked.ts'

/** `weir up`: the local chain, its contracts, an accreditor and four departments. */
export const registerUp: Register = (program, language) => {
  addCommand<{ readonly once?: boolean; readonly services?: boolean }>(
    program,
    language,
    {
      name: 'up',
      summary: {
        en: 'run a local district: chain, four departments, an accreditor and a registry node',
        zh: '运行本地示例区：链、四个部门、一个认可机构和一个登记节点',
      },
      options: [
        [
          '--no-services',
          {
            en: 'run the chain only; then other commands may open the departments’ stores',
            zh: '仅运行链；其他命令可直接打开各部门的存储',
          },
        ],
        ['--once', { en: 'stop when everything is set up', zh: '全部建立后即停止，不持续运行' }],
      ],
      more: {
        en: `What was set up is kept in the home folder, also over a kill or a power cut; run again, it goes on.
The district is for trying and developing: its administration has no delay, its certificate authority is
a sample, and its chain runs on this machine alone.

Examples:
  weir up
  weir up --home /srv/weir-sample`,
        zh: `已建立的内容保存在安装目录中，强制结束或断电后也不丢失；再次运行会接着进行。
示例区仅供试用和开发：管理操作无延时，证书颁发机构为示例，链只在本机运行。

示例：
  weir up
  weir up --home /srv/weir-sample`,
      },
    },
    async ({ output, homePath }, options) => {
      const created = await createHome(homePath, districtConfiguration())
      const home = options.services === false ? created : await withAddresses(created)
      const node = await startLocalChain(home, (notice) => output.say(noticeText(notice)))
      if (node.kind === 'hardhat') output.say(forgetful)
      try {
        output.say({ en: `Chain at ${node.url}.`, zh: `链的地址：${node.url}。` })
        const district = await setUpDistrict(home, new Date(), (step) => output.say(stepText(step)))
        district.chain.close()
        const { departments } = district.home.configuration
        output.say({
          en: `${Object.keys(departments).length} members are ready. Try: weir department list`,
          zh: `${Object.keys(departments).length} 个成员已就绪。可运行：weir department list`,
        })
        const names = Object.keys(departments)
        const runs = options.once !== true && options.services !== false
        const processes = runs ? await startAll(district.home, output) : undefined
        try {
          const services = processes && Object.fromEntries(processes.urls)
          output.answer({ rpc: node.url, departments: names, ...(services && { services }) })
          if (options.once) return 0
          output.say({
            en: 'Ctrl-C stops it; nothing is lost.',
            zh: '按 Ctrl-C 停止；数据不会丢失。',
          })
          await untilAsked()
          process.stdin.pause()
          return 0
        } finally {
          await processes?.stop()
        }
      } finally {
        await node.stop()
      }
    },
  )
}

/** Every member and the registry node, each as a process of its own in the development profile. */
async function startAll(home: Home, output: Output): Promise<Processes> {
  const command = [process.execPath, ...process.execArgv, process.argv[1]!]
  const processes = await startProcesses(home, command, districtPlans(home), (notice) =>
    output.say(processText(notice)),
  )
  for (const [name, url] of processes.urls)
    output.say({ en: `${name}: ${url}`, zh: `${name}：${url}` })
  return processes
}

function processText({ name, kind }: ProcessNotice): Text {
  return kind === 'restarted'
    ? { en: `${name} ended and was started again.`, zh: `${name} 意外停止，已重新启动。` }
    : {
        en: `${name} does not start any more; see logs/${name}.log in the home folder.`,
        zh: `${name} 无法再启动，见安装目录中的 logs/${name}.log。`,
      }
}

const forgetful: Text = {
  en: 'There is no anvil for this platform: the chain runs in memory and forgets when it stops.',
  zh: '此平台没有 anvil：链仅在内存中运行，停止后不保留数据。',
}

function stepText(step: DistrictStep): Text {
  switch (step.step) {
    case 'deploy':
      return { en: 'Contracts ...', zh: '部署合约……' }
    case 'accreditor':
      return { en: `Accreditor ${step.name} ...`, zh: `认可机构 ${step.name}……` }
    case 'department':
      return { en: `Department ${step.name} is ready.`, zh: `部门 ${step.name} 已就绪。` }
  }
}

function noticeText({ kind }: Parameters<Parameters<typeof startLocalChain>[1]>[0]): Text {
  switch (kind) {
    case 'state-damaged':
      return {
        en: 'The newest state of the chain was damaged; the one before it is used.',
        zh: '链的最新状态已损坏，改用上一个状态。',
      }
    case 'restarted':
      return {
        en: 'The chain node died and was started again from its last saved block.',
        zh: '链节点意外停止，已从最后保存的区块重新启动。',
      }
    case 'failed':
      return {
        en: 'The chain node fails again and again. Stop, look at disk space and memory, start anew.',
        zh: '链节点反复失败。请停止运行，检查磁盘空间和内存后重新启动。',
      }
  }
}
